// Whatever is edited, what results is the new object, byte for byte, and little is sent where little has changed.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import { bytesOf, expectSame, get, MiB, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { unfinished } from '../tools.ts'
import { average, edited, strictStore, uploaderTo } from './tools.ts'

/** The smallest part of a store; what is not larger goes in one request. */
const smallest = 5 * MiB
const parts = { context: { partSize: smallest } }
const largestChunk = 4 * average

type Edit =
  | { readonly kind: 'replace' | 'insert' | 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'move'; readonly at: number; readonly length: number; readonly to: number }
  | { readonly kind: 'truncate' | 'append'; readonly length: number }

/** Places are shares of the size. */
const place = fc.double({ min: 0, max: 1, noNaN: true })
const lengths = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 2000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 * MiB }) },
  { weight: 1, arbitrary: fc.integer({ min: 5 * MiB - 2, max: 5 * MiB + 2 }) },
)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('replace', 'insert', 'remove'),
    at: place,
    length: lengths,
  }),
  fc.record({ kind: fc.constant('move'), at: place, length: lengths, to: place }),
  fc.record({ kind: fc.constantFrom('truncate', 'append'), length: lengths }),
)

/** Around what S3 and a plan have limits at, and where deltas begin; and anywhere up to 30 MiB. */
const sizes = fc.oneof(
  fc
    .tuple(fc.constantFrom(5, 8, 10, 13, 15, 16, 20, 24, 50), fc.integer({ min: -2, max: 2 }))
    .map(([mebibytes, more]) => mebibytes * MiB + more),
  fc.integer({ min: 0, max: 30 * MiB }),
)
interface Case {
  readonly size: number
  readonly seed: number
  readonly edits: Edit[]
}
const cases: fc.Arbitrary<Case> = fc.record({
  size: sizes,
  seed: fc.integer({ min: 1, max: 1000 }),
  edits: fc.array(edit, { maxLength: 5 }),
})
const moved: Edit = { kind: 'move', at: 0.1, length: 3 * MiB, to: 0.7 }
/** Never left to chance. */
const examples: [Case][] = [
  [{ size: 50 * MiB, seed: 1, edits: [{ kind: 'insert', at: 0.5, length: 1 }, moved] }],
  [{ size: 50 * MiB + 1, seed: 2, edits: [moved, { kind: 'truncate', length: 2 }] }],
]

function applied(bytes: Uint8Array, change: Edit, seed: number): Uint8Array {
  const { length } = change
  if (!('at' in change))
    return change.kind === 'append'
      ? edited(bytes, bytes.length, 0, bytesOf(length, seed))
      : bytes.subarray(0, Math.max(0, bytes.length - length))
  const at = Math.floor(change.at * bytes.length)
  const within = Math.min(length, bytes.length - at)
  if (change.kind === 'replace') return edited(bytes, at, within, bytesOf(within, seed))
  if (change.kind === 'insert') return edited(bytes, at, 0, bytesOf(length, seed))
  const rest = edited(bytes, at, within, Buffer.alloc(0))
  if (!('to' in change)) return rest
  return edited(rest, Math.floor(change.to * rest.length), 0, bytes.slice(at, at + within))
}

/** At each place that an edit cuts at, no more than a smallest part with its edges is sent, beside what is new. */
function mostSent(edits: readonly Edit[]): number {
  const costs = edits.map(({ kind, length }) => {
    const places = kind === 'move' ? 3 : 1
    const isNew = kind !== 'remove' && kind !== 'truncate'
    return places * (smallest + 2 * largestChunk) + (isNew ? length : 0)
  })
  // Too little to copy is not copied.
  return costs.reduce((sum, cost) => sum + cost, smallest)
}

async function holds(target: Store, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, seed, edits }) => {
      const uploader = await uploaderTo(target)
      await remove(target, 'big')
      const old = bytesOf(size, seed)
      await uploader.upload(old, parts)
      let next = old
      for (const [i, change] of edits.entries()) next = applied(next, change, seed + 2000 + i)
      const second = await uploader.upload(next, parts)
      expectSame(await get(target, 'big'), next)
      expect(second.crc64nvme).toBe(crc64nvme(next))
      const { crc64nvme: told = second.crc64nvme } = await target.stat(toKey('big'))
      expect(told).toBe(second.crc64nvme)
      expect(second.sent).toBeLessThanOrEqual(Math.min(next.length, mostSent(edits)))
      const third = await uploader.upload(next, parts)
      expect(third.sent).toBe(next.length > smallest ? 0 : next.length)
      expectSame(await get(target, 'big'), next)
      expect(await unfinished(target)).toEqual([])
    }),
    { numRuns, examples, endOnFailure: true },
  )
}

test('random edits, in memory', { timeout: 480_000 }, async () => holds(strictStore(), 40))

describeS3('random edits', (endpoint) => {
  test('end in the new object', { timeout: 480_000 }, async () => {
    await using target = await openBucket(endpoint)
    await holds(target, 16)
  })
})
