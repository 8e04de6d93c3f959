import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHawserError } from '../../../src/core/errors.ts'
import {
  encodeSignature,
  maxSignatureSize,
  parseSignature,
} from '../../../src/delta/signature/format.ts'
import type { Signature } from '../../../src/delta/signature/types.ts'

const golden = readFileSync(new URL('../../golden/signature-v1.hex', import.meta.url), 'utf8')

/** What is in the golden. */
const known: Signature = {
  average: 65_536,
  size: 16_384 + 262_144 + 1,
  crc64nvme: 0xae8b14860a799888n,
  etag: '0cc175b9c0f1b6a831c399e269772661-2',
  version: 'v\u{1f600}',
  chunks: {
    count: 3,
    ends: Float64Array.of(16_384, 278_528, 278_529),
    digests: Uint8Array.from({ length: 96 }, (_, i) => i),
  },
}

/** A signature of chunks that can be; `repeated` ones pack well. */
const signatures: fc.Arbitrary<Signature> = fc
  .record({
    exponent: fc.integer({ min: 16, max: 26 }),
    crc64nvme: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    etag: fc.string({ unit: 'grapheme', maxLength: 40 }),
    version: fc.option(fc.string({ maxLength: 40 }), { nil: undefined }),
    lengths: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
    repeated: fc.boolean(),
    seed: fc.string(),
  })
  .map(({ exponent, lengths, repeated, seed, ...rest }) => {
    const average = 2 ** exponent
    let end = 0
    const ends = Float64Array.from(lengths, (share) => {
      end += average / 4 + Math.floor(share * (average * 4 - average / 4))
      return end
    })
    const digests = lengths.map((_, i) => digestOf(repeated ? seed : `${seed}${i}`))
    return {
      ...rest,
      average,
      size: end,
      chunks: { count: lengths.length, ends, digests: new Uint8Array(Buffer.concat(digests)) },
    }
  })

test('the golden of version 1 is read, and written again', () => {
  const bytes = Buffer.from(golden.replaceAll(/\s/g, ''), 'hex')
  expect(parseSignature(bytes)).toEqual(known)
  expect(Buffer.from(encodeSignature(known)).toString('hex')).toBe(bytes.toString('hex'))
})

test('what was written is read', () => {
  fc.assert(
    fc.property(signatures, (signature) => {
      expect(parseSignature(encodeSignature(signature))).toEqual(signature)
    }),
  )
})

test('chunks that come again and again take little', () => {
  const count = 10_000
  const chunks = {
    count,
    ends: Float64Array.from({ length: count }, (_, i) => (i + 1) * 262_144),
    digests: new Uint8Array(count * 32).fill(7),
  }
  const signature = { ...known, size: count * 262_144, chunks }
  const bytes = encodeSignature(signature)
  expect(bytes.length).toBeLessThan(1000)
  expect(parseSignature(bytes)).toEqual(signature)
})

test('changed or cut bytes are refused', () => {
  fc.assert(
    fc.property(signatures, fc.nat(), fc.integer({ min: 1, max: 255 }), (signature, at, by) => {
      const bytes = Buffer.from(encodeSignature(signature))
      refused(bytes.subarray(0, at % bytes.length))
      refused(Buffer.concat([bytes, Buffer.from([by])]))
      const place = at % bytes.length
      bytes[place] = (bytes[place] ?? 0) ^ by
      refused(bytes)
    }),
  )
})

test('a hostile signature with a right digest is read as one that could be, or refused', () => {
  fc.assert(
    fc.property(
      signatures,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      (signature, changes) => {
        const bytes = Buffer.from(encodeSignature(signature))
        for (const [at, value] of changes) bytes[8 + (at % (bytes.length - 40))] = value
        try {
          const { chunks, size, average } = parseSignature(sealed(bytes))
          expect(chunks.digests.length).toBe(32 * chunks.count)
          expect(chunks.ends.at(-1) ?? 0).toBe(size)
          let start = 0
          for (const end of chunks.ends) {
            expect(end - start).toBeGreaterThan(0)
            expect(end - start).toBeLessThanOrEqual(4 * average)
            start = end
          }
        } catch (error) {
          if (!isHawserError(error)) throw error
          expect(['integrity', 'unsupported']).toContain(error.code)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('anything at all is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      refused(bytes)
      refused(
        sealed(Buffer.concat([Buffer.from('\x89Hawsig\n', 'latin1'), bytes, Buffer.alloc(32)])),
      )
    }),
  )
})

test('a later version is refused as such', () => {
  const bytes = Buffer.from(encodeSignature(known))
  bytes.writeUInt16LE(2, 8)
  expect(() => parseSignature(bytes)).toThrow(
    expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining('newer') }),
  )
})

test('no memory is taken for what is only announced', () => {
  const bytes = Buffer.from(encodeSignature({ ...known, etag: 'a'.repeat(60_000) }))
  expect(bytes[10]).toBe(1)
  // A body of 4 GiB.
  bytes.writeUInt32LE(0xffff_ffff, 11)
  refused(sealed(bytes))
  bytes.writeUInt32LE(1000, 11)
  refused(sealed(bytes))
  refused(Buffer.alloc(maxSignatureSize + 1))
})

function sealed(bytes: Buffer): Buffer {
  const before = bytes.subarray(0, -32)
  return Buffer.concat([before, createHash('sha256').update(before).digest()])
}

function refused(bytes: Uint8Array): void {
  let found: unknown
  try {
    found = parseSignature(bytes)
  } catch (error) {
    expect(
      isHawserError(error) && ['integrity', 'unsupported'].includes(error.code),
      String(error),
    ).toBe(true)
  }
  expect(found).toBeUndefined()
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
