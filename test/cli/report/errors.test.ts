import { expect, test } from 'vitest'
import { describeFailure, exitCodeOfThrown } from '../../../src/cli/report/errors.ts'
import { HawserError } from '../../../src/core/errors.ts'
import { failure } from './recorded.ts'

test('says what failed, where, why, and what to do', () => {
  expect(describeFailure(failure('a'), 0)).toBe(
    'hawser: cannot write s3://bucket/a: access denied\n  Check the policies.',
  )
})

test('a stack is shown with -vv only, and nothing acts on the terminal', () => {
  const error = failure('a\u001b[2J')
  expect(describeFailure(error, 1)).not.toContain('    at ')
  expect(describeFailure(error, 2)).toContain('    at ')
  expect(describeFailure(error, 2)).not.toContain('\u001b')
})

test('what is no HawserError is a bug, without its stack', () => {
  const error = new TypeError('x is not a function')
  expect(describeFailure(error, 0)).toBe(
    'hawser: internal error: x is not a function\n  This is a bug in hawser: please report it with what -vv says.',
  )
  expect(describeFailure(error, 2)).toContain('errors.test.ts')
  expect(exitCodeOfThrown(error)).toBe(70)
})

test('exit codes of what ends a command', () => {
  expect(exitCodeOfThrown(failure('a'))).toBe(5)
  expect(exitCodeOfThrown(new HawserError('not-found', 'no', { op: 'stat' }))).toBe(4)
  expect(exitCodeOfThrown(new HawserError('invalid-argument', 'no', { op: 'x' }))).toBe(2)
  expect(exitCodeOfThrown(new HawserError('interrupted', 'no', { op: 'x' }))).toBe(130)
  // Objects that a run leaves because they are archived are no failure; a command that could do nothing is one.
  expect(exitCodeOfThrown(new HawserError('archived', 'no', { op: 'read' }))).toBe(1)
})
