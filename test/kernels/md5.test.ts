import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Md5, type Md5Update } from '../../src/kernels/md5.ts'
import { someBytes } from './crc32-suite.ts'

const input = someBytes((1 << 18) + 3)

/** Of RFC 1321, A.5. */
const goldens: [text: string, md5: string][] = [
  ['', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['a', '0cc175b9c0f1b6a831c399e269772661'],
  ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
  [
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    'd174ab98d277d9f5a5611c2c9f419d9f',
  ],
  ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
]

describe.each(goldens)('%j', (text, golden) => {
  const bytes = new TextEncoder().encode(text)

  test('has its golden MD5', () => {
    expect(new Md5().update(bytes).digest()).toBe(golden)
  })

  test.each([2, 3, 4, 5, 8, 9])('has it in each of %i lanes', (count) => {
    const streams = Array.from({ length: count }, () => new Md5())
    Md5.updateAll(streams.map((stream) => [stream, bytes]))
    expect(streams.map((stream) => stream.digest())).toEqual(streams.map(() => golden))
  })
})

test('is exact around the ends of blocks and pieces', () => {
  for (const size of [64, 128, 32_768, 32_832, 65_536]) {
    for (let end = size - 10; end <= size + 10; end++) {
      const bytes = input.subarray(1, 1 + end)
      expect(new Md5().update(bytes).digest()).toBe(hash('md5', bytes))
    }
  }
})

test('counts bits beyond 32', () => {
  const zeros = new Uint8Array(1 << 26)
  const stream = new Md5()
  for (let done = 0; done < 8; done++) stream.update(zeros)
  expect(stream.update(new Uint8Array(1)).digest()).toBe('ea3b62c6b93cb3625a1fd76777985f5a')
})

describe('several streams', () => {
  /** By update: the streams that get something, and how much. */
  const updates = fc.array(
    fc.array(fc.tuple(fc.nat(11), fc.oneof(fc.nat(200), fc.nat(70_000))), { maxLength: 12 }),
    { maxLength: 8 },
  )

  test('have the MD5s of their own bytes, however these are cut', () => {
    fc.assert(
      fc.property(updates, (all) => {
        const streams = Array.from({ length: 12 }, () => ({
          md5: new Md5(),
          chunks: [input.subarray(0, 0)],
        }))
        let start = 0
        for (const one of all) {
          Md5.updateAll(
            [...new Map(one)].map(([index, size]): Md5Update => {
              const stream = streams[index] ?? expect.unreachable()
              start = (start + 12_345) % 100_000
              const chunk = input.subarray(start, start + size)
              stream.chunks.push(chunk)
              return [stream.md5, chunk]
            }),
          )
        }
        for (const { md5, chunks } of streams) {
          expect(md5.digest()).toBe(hash('md5', Buffer.concat(chunks)))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('go on after a digest', () => {
    const [one, other] = [new Md5(), new Md5()]
    Md5.updateAll([
      [one, input.subarray(0, 1000)],
      [other, input.subarray(5, 77)],
    ])
    expect(one.digest()).toBe(hash('md5', input.subarray(0, 1000)))
    expect(one.digest()).toBe(hash('md5', input.subarray(0, 1000)))
    Md5.updateAll([
      [other, input.subarray(77, 78)],
      [one, input.subarray(1000)],
    ])
    expect(one.digest()).toBe(hash('md5', input))
    expect(other.digest()).toBe(hash('md5', input.subarray(5, 78)))
  })

  test('leave their chunks as they were, and need them no longer', () => {
    const chunks = [input.slice(0, 100), input.slice(100, 40_100), input.slice(7)]
    const streams = chunks.map(() => new Md5())
    const before = chunks.map((chunk) => hash('md5', chunk))
    Md5.updateAll(streams.map((stream, index) => [stream, chunks[index] ?? input]))
    expect(chunks.map((chunk) => hash('md5', chunk))).toEqual(before)
    for (const chunk of chunks) chunk.fill(0)
    expect(streams.map((stream) => stream.digest())).toEqual(before)
  })
})
