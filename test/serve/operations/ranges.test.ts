import { expect, test } from 'vitest'
import {
  contentRange,
  parseCopyRange,
  parseRange,
  partRange,
} from '../../../src/serve/operations/ranges.ts'
import { refused, refusedCode } from './refused.ts'

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=2-5', 2, 6],
  ['bytes=2-', 2, 10],
  ['bytes=2-99', 2, 10],
  ['bytes=9-99999999999999999999999', 9, 10],
  ['bytes=-3', 7, 10],
  ['bytes=-99', 0, 10],
  ['Bytes = 1 - 2', 1, 3],
])('%s of ten bytes', (header, start, end) => {
  expect(parseRange(header, 10)).toEqual({ start, end })
})

test.each(['bytes=0-1,4-5', 'bytes=5-2', 'bytes=-', 'bytes=a-b', 'bytes', 'items=0-1', ''])(
  '%j is the whole',
  (header) => {
    expect(parseRange(header, 10)).toBeUndefined()
  },
)

test.each([
  ['bytes=10-', 10],
  ['bytes=10-11', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
  ['bytes=-1', 0],
])('%s is not satisfiable with %i bytes', (header, size) => {
  expect(refused(() => parseRange(header, size))).toMatchObject({
    code: 'InvalidRange',
    status: 416,
    headers: { 'content-range': `bytes */${size}` },
    extra: { ActualObjectSize: String(size), RangeRequested: header },
  })
})

test('a range as it is answered', () => {
  expect(contentRange({ start: 2, end: 6 }, 10)).toBe('bytes 2-5/10')
})

test('the bytes of a part', () => {
  const parts = [
    { number: 2, size: 5, checksum: 'AA==' },
    { number: 7, size: 3 },
  ]
  expect(partRange(parts, 2, 8)).toEqual({ start: 0, end: 5, checksum: 'AA==' })
  expect(partRange(parts, 7, 8)).toEqual({ start: 5, end: 8, checksum: undefined })
  expect(refused(() => partRange(parts, 3, 8))).toMatchObject({
    status: 416,
    extra: { PartNumberRequested: '3', ActualPartCount: '2' },
  })
})

test('what was not uploaded in parts is one', () => {
  expect(partRange(undefined, 1, 8)).toEqual({ start: 0, end: 8, checksum: undefined })
  expect(refusedCode(() => partRange(undefined, 2, 8))).toBe('InvalidPartNumber')
})

test('a range of a source is exact', () => {
  expect(parseCopyRange('bytes=0-9', 10)).toEqual({ start: 0, end: 10 })
  for (const header of ['bytes=0-10', 'bytes=5-', 'bytes=-5', 'bytes=5-4', 'bytes=0-1,2-3', '0-9'])
    expect(refusedCode(() => parseCopyRange(header, 10))).toBe('InvalidArgument')
})
