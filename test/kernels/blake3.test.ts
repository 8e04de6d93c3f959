import { expect, test } from 'vitest'
import { Blake3, load } from '../../src/kernels/blake3.ts'
import { kernelBuffer } from '../../src/kernels/crc64nvme.ts'
import { pseudoRandom } from './bytes.ts'

/** The first `size` bytes of 0, 1, ... 250, 0, 1, ...: the input of BLAKE3's own test vectors. */
function counted(size: number): Uint8Array {
  return new Uint8Array(size).map((_, index) => index % 251)
}

const vectors: [size: number, digest: string][] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
]

test.each(vectors)('%i bytes have the digest of the published vectors', (size, digest) => {
  expect(Buffer.from(new Blake3().update(counted(size)).digest()).toString('hex')).toBe(digest)
})

test('bytes in pieces, in place or not, have the digest of the whole, and each digest begins anew', () => {
  const bytes = pseudoRandom(300_000)
  const { bytes: place } = kernelBuffer(bytes.length)
  place.set(bytes)
  const whole = new Blake3().update(bytes).digest()
  const hasher = new Blake3()
  for (let at = 0; at < place.length; at += 999) hasher.update(place.subarray(at, at + 999))
  expect(hasher.digest()).toEqual(whole)
  expect(hasher.update(bytes).digest()).toEqual(whole)
})

test('where there is no native code for the platform, the error says so', () => {
  expect(() =>
    load(() => {
      throw new Error('Cannot find native binding')
    }),
  ).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining(process.arch),
    }),
  )
})
