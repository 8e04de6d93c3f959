// The only reader of the process's environment. Everything else is handed what it needs.
import { homedir } from 'node:os'
import { join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment of this process, for the command; the library uses it only where it is asked to. */
export function processEnvironment(): Environment {
  return process.env
}

export function homeDirectory(environment: Environment): string {
  return environment['HOME'] || homedir()
}

/** Where runs keep what they know, unless `--state-dir` says otherwise. */
export function defaultStateDirectory(environment: Environment): string {
  const base =
    environment['XDG_STATE_HOME'] ||
    (process.platform === 'win32' && environment['LOCALAPPDATA']) ||
    join(homeDirectory(environment), '.local', 'state')
  return join(base, 'hawser')
}
