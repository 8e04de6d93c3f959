import { expect, test } from 'vitest'
import { countOf } from '../../src/sync/count.ts'

test('one is told as one, and many with their thousands apart', () => {
  const told = [0, 1, 2, 12_345].map((number) => countOf(number, 'object'))
  expect(told).toEqual(['0 objects', '1 object', '2 objects', '12,345 objects'])
})
