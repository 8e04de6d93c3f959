import { expect, test } from 'vitest'
import { limitOf, partMarkerOf, partNumberOf } from '../../../src/serve/operations/arguments.ts'
import { refused, refusedCode } from './refused.ts'

test.each([
  [undefined, 1000],
  ['', 1000],
  ['0', 0],
  ['7', 7],
  ['1000', 1000],
  ['1001', 1000],
  ['2147483647', 1000],
])('a limit of %j is %i', (text, limit) => {
  expect(limitOf('max-keys', text)).toBe(limit)
})

test.each(['-1', 'x', '1.5', '2147483648', ' 1'])('a limit of %j is refused', (text) => {
  expect(refused(() => limitOf('max-keys', text))).toMatchObject({
    code: 'InvalidArgument',
    extra: { ArgumentName: 'max-keys', ArgumentValue: text },
  })
})

test('part numbers go from 1 to 10,000', () => {
  expect(partNumberOf('1')).toBe(1)
  expect(partNumberOf('10000')).toBe(10_000)
  for (const text of ['0', '10001', '-1', '', 'x'])
    expect(refusedCode(() => partNumberOf(text))).toBe('InvalidArgument')
})

test('a listing of parts begins behind a number', () => {
  expect(partMarkerOf('part-number-marker', undefined)).toBe(0)
  expect(partMarkerOf('part-number-marker', '12')).toBe(12)
  expect(refusedCode(() => partMarkerOf('part-number-marker', 'x'))).toBe('InvalidArgument')
})
