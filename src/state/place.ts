// Where the state lives by default, on each platform.
import { posix, win32 } from 'node:path'

/** The directory for one user's state. A relative XDG_STATE_HOME is ignored, as the XDG base directory rules say. */
export function defaultStateDirectory(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  platform: NodeJS.Platform,
): string {
  if (platform === 'win32')
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'hawser')
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'hawser')
  const stated = env['XDG_STATE_HOME'] ?? ''
  return posix.join(posix.isAbsolute(stated) ? stated : posix.join(home, '.local/state'), 'hawser')
}
