import { expect, test } from 'vitest'
import { HawserError, isHawserError } from '../../../src/core/errors.ts'
import { exitCodes } from '../../../src/core/exit-codes.ts'
import { toKey } from '../../../src/core/key.ts'
import { localError } from '../../../src/stores/local/errors.ts'

const details = {
  op: 'write',
  location: { scheme: 'file', endpoint: undefined, root: '/data' },
  key: toKey('a/b'),
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code, errno: -1, syscall: 'open' })
}

test.each([
  ['ENOENT', 'not-found', 4],
  ['EACCES', 'local-io', 9],
  ['EPERM', 'local-io', 9],
  ['EROFS', 'local-io', 9],
  ['EIO', 'local-io', 9],
  ['EMFILE', 'local-io', 9],
  ['ENOSPC', 'no-space', 9],
  ['EDQUOT', 'no-space', 9],
  ['EISDIR', 'conflict', 6],
  ['ENOTDIR', 'conflict', 6],
  ['EXDEV', 'unsupported', 2],
  ['ENAMETOOLONG', 'invalid-argument', 2],
  ['EWHATEVER', 'local-io', 9],
])('%s is %s, exit code %i', (errno, code, exitCode) => {
  const cause = systemError(errno)
  const error = localError(cause, details)
  if (!isHawserError(error)) throw error
  expect(error).toMatchObject({ code, op: 'write', key: 'a/b', address: '/data/a/b', cause })
  expect(exitCodes[error.code]).toBe(exitCode)
})

test('what may pass can be tried again', () => {
  expect(localError(systemError('EMFILE'), details)).toMatchObject({ retry: 'later' })
  expect(localError(systemError('ENOSPC'), details)).toMatchObject({ retry: 'never' })
})

test('other errors are what they were', () => {
  const own = new HawserError('range', 'too far', { op: 'read' })
  const bug = new TypeError('a bug')
  expect(localError(own, details)).toBe(own)
  expect(localError(bug, details)).toBe(bug)
})
