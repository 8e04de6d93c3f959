import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/config/option.ts'
import { runLimitOptions } from '../../src/config/run-limits.ts'

test('there are none unless they are given', () => {
  const none = { maxTransfer: undefined, maxDuration: undefined }
  expect(resolveOptions(runLimitOptions, {})).toEqual(none)
})

test('a size and a time', () => {
  const given = { maxTransfer: '10G', maxDuration: '1h30m' }
  expect(resolveOptions(runLimitOptions, given)).toEqual({
    maxTransfer: 10 * 1024 ** 3,
    maxDuration: 5_400_000,
  })
})

test.each([
  [{ maxTransfer: '0' }, '--max-transfer takes a size above zero, such as 10G, not "0"'],
  [{ maxTransfer: 'much' }, '--max-transfer takes a size above zero'],
  [{ maxDuration: '0s' }, '--max-duration takes a time above zero'],
])('%j is refused', (given: Record<string, string>, message) => {
  expect(() => resolveOptions(runLimitOptions, given)).toThrow(message)
})
