import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scanner } from '../../src/delta/scanner.ts'
import { Blake3 } from '../../src/kernels/blake3.ts'
import { crc64nvme, kernelBuffer } from '../../src/kernels/crc64nvme.ts'
import { Cutter } from '../../src/kernels/cuts.ts'
import { pseudoRandom } from '../kernels/bytes.ts'

const average = 64 * 1024
const input = pseudoRandom(3 * 1024 * 1024 + 11)
const buffer = kernelBuffer(input.length)
buffer.bytes.set(input)
const whole = new Scanner(average).update(input).finish()

test('a scan has the digests of the chunks and of the whole', () => {
  const ends = [...new Cutter(average).update(input), input.length]
  const pieces = ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end))
  expect(whole.size).toBe(input.length)
  expect(whole.crc64nvme).toBe(crc64nvme(input))
  expect(whole.chunks.count).toBe(ends.length)
  expect([...whole.chunks.ends]).toEqual(ends)
  expect([...whole.crcs]).toEqual(pieces.map((piece) => crc64nvme(piece)))
  const digests = pieces.map((piece) => new Blake3().update(piece).digest())
  expect(Buffer.compare(whole.chunks.digests, Buffer.concat(digests))).toBe(0)
})

test('a scan of bytes in pieces, in place or not, is that of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 20 })), fc.boolean(), (sizes, inPlace) => {
      const bytes = inPlace ? buffer.bytes : input
      const scanner = new Scanner(average)
      let at = 0
      for (const size of sizes) scanner.update(bytes.subarray(at, (at += size)))
      expect(scanner.update(bytes.subarray(at)).finish()).toEqual(whole)
    }),
    { numRuns: 30 },
  )
})

test('nothing has no chunks', () => {
  const { size, crc64nvme: crc, chunks, crcs } = new Scanner(average).finish()
  expect([size, crc, chunks.count, chunks.ends.length, chunks.digests.length, crcs.length]).toEqual(
    [0, 0n, 0, 0, 0, 0],
  )
})

test('an end where a chunk ends makes no chunk of nothing', () => {
  const zeros = new Uint8Array(8 * average)
  const { chunks } = new Scanner(average).update(zeros).finish()
  expect([...chunks.ends]).toEqual([4 * average, 8 * average])
})
