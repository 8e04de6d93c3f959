import { expect, test } from 'vitest'
import { beginDigests } from '../../../src/serve/body/digest-thread.ts'
import { computeOnce } from '../../../src/serve/body/digests.ts'
import { someBytes } from '../../kernels/crc32-suite.ts'

const input = new Uint8Array(new SharedArrayBuffer(1 << 20))
input.set(someBytes(input.length))
const expected = computeOnce(input, ['SHA1'])

/** Digests of the input in so many pieces. */
async function inPieces(count: number): Promise<unknown> {
  const digests = beginDigests(['SHA1'])
  const size = Math.ceil(input.length / count)
  const updates: Promise<unknown>[] = []
  for (let at = 0; at < input.length; at += size) {
    updates.push(digests.update(input.subarray(at, at + size)))
    if (updates.length === 3) await updates.shift()
  }
  const computed = await digests.digest()
  await Promise.all(updates)
  return computed
}

test('bodies at once have the digests of their bytes', async () => {
  const all = await Promise.all([1, 2, 3, 5, 8, 13, 21, 34, 55, 89].map(inPieces))
  for (const computed of all) expect(computed).toEqual(expected)
})

test('a body whose neighbours are silent is answered', async () => {
  const silent = [beginDigests([]), beginDigests([])]
  const digests = beginDigests(['SHA1'])
  await digests.update(input)
  expect(await digests.digest()).toEqual(expected)
  for (const one of silent) one.forget()
})

test('a body of no bytes has digests', async () => {
  expect(await beginDigests([]).digest()).toEqual(computeOnce(new Uint8Array(), []))
})
