import { expect, test } from 'vitest'
import { defaultStateDirectory } from '../../src/state/place.ts'

test.each([
  [{}, '/home/a', 'linux', '/home/a/.local/state/hawser'],
  [{ XDG_STATE_HOME: '/var/state' }, '/home/a', 'linux', '/var/state/hawser'],
  [{ XDG_STATE_HOME: 'relative' }, '/home/a', 'freebsd', '/home/a/.local/state/hawser'],
  [{ XDG_STATE_HOME: '' }, '/home/a', 'linux', '/home/a/.local/state/hawser'],
  [{}, '/Users/a', 'darwin', '/Users/a/Library/Application Support/hawser'],
  [{ LOCALAPPDATA: 'D:\\Local' }, 'C:\\Users\\a', 'win32', 'D:\\Local\\hawser'],
  [{}, 'C:\\Users\\a', 'win32', 'C:\\Users\\a\\AppData\\Local\\hawser'],
] as const)('%j, %s on %s: %s', (env, home, platform, expected) => {
  expect(defaultStateDirectory(env, home, platform)).toBe(expected)
})
