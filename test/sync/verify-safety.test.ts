// With --verify what is replaced is there until the new bytes are proven: whatever the bucket keeps, whatever the service
// stores instead of what it was sent, and whenever the run ends.
import { expect, test } from 'vitest'
import type { Body, Store } from '../../src/core/store.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { State } from '../../src/state/state.ts'
import { s3Store } from '../../src/stores/s3/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { move } from '../../src/sync/move.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { bytesOf, expectSame, get, keys, MiB, put } from '../conformance/tools.ts'
import { createBucketName, describeS3, type S3Endpoint } from '../servers/s3.ts'
import { keepVersions, s3Options } from '../stores/s3/open.ts'
import { multipartOf, silent, storeWith, temporaryState, unfinished } from '../transfer/tools.ts'
import { place } from './tools.ts'

const [oldOne, newOne] = [1, 2]
const [small, inParts] = [100_000, 7 * MiB]
const partSize = 5 * MiB

type Versions = 'none' | 'Enabled' | 'Suspended'
type Command = 'sync' | 'cp' | 'mv'

/** What a bucket keeps, while the old object is written and from then on. */
type Kept = [before: Versions, after: Versions]
const buckets: Kept[] = [
  ['none', 'none'],
  ['Enabled', 'Enabled'],
  ['none', 'Suspended'],
  ['Enabled', 'Suspended'],
]

/** Stores other bytes than it gets, so many times. */
function damaging(store: Store, times: number): Store {
  let left = times
  const multipart = multipartOf(store)
  const damage = (body: Body): Body => {
    if (left-- <= 0) return body
    if (!(body instanceof Uint8Array)) throw new Error('only bytes are damaged')
    const damaged = Buffer.from(body)
    damaged.writeUInt8(damaged.readUInt8(1234) ^ 1, 1234)
    return damaged
  }
  return storeWith(store, {
    write: async (key, body, options = {}) =>
      store.write(key, damage(body), { ...options, crc64nvme: undefined }),
    multipart: {
      ...multipart,
      part: async (upload, slot, body, options = {}) =>
        multipart.part(upload, slot, slot.number === 1 ? damage(body) : body, {
          ...options,
          crc64nvme: undefined,
        }),
      complete: async (upload, receipts, options) => {
        const silenced = receipts.map((receipt) => ({ ...receipt, crc64nvme: undefined }))
        return multipart.complete(upload, silenced, { size: 0, ...options, crc64nvme: undefined })
      },
    },
  })
}

/** A source with the new object, a bucket with the old one. */
async function stage(
  endpoint: S3Endpoint,
  size: number,
  [before, after]: Kept,
): Promise<{ source: Store; bucket: Store; old: Uint8Array; next: Uint8Array }> {
  const [old, next] = [bytesOf(size, oldOne), bytesOf(size, newOne)]
  const source = memoryStore()
  await put(source, 'a', next)
  const bucket = s3Store(s3Options(endpoint, createBucketName()))
  await bucket.buckets?.create(bucket.location.root)
  if (before !== 'none') await keepVersions(bucket, before)
  await put(bucket, 'a', old)
  if (after !== 'none') await keepVersions(bucket, after)
  return { source, bucket, old, next }
}

async function carryOut(
  command: Command,
  source: Store,
  target: Store,
  state: State,
): Promise<RunResult> {
  const to = place(reserved(target, defaultReserved))
  const options = { state, partSize, verify: true }
  if (command === 'sync') return sync(place(source), to, options)
  const act = command === 'mv' ? move : copy
  return act([place(source)], to, { ...options, recursive: true })
}

const damages = buckets.flatMap((kept) =>
  [small, inParts].map((size): [number, ...Kept] => [size, ...kept]),
)

describeS3('with verify', (endpoint) => {
  test.each(damages)(
    'what is wrong each time changes nothing: %i bytes, versions %s, then %s',
    async (size, ...kept) => {
      const { source, bucket, old, next } = await stage(endpoint, size, kept)
      await using _ = bucket
      const state = await temporaryState()
      const target = silent(damaging(bucket, 2))
      const wrong = await carryOut('mv', source, target, state)
      expect(wrong.summary).toMatchObject({ moved: 0, failed: 1 })
      expect(wrong.failures.map(({ code }) => code)).toEqual(['integrity'])
      expectSame(await get(bucket, 'a'), old)
      expect(await keys(source, '')).toEqual(['a'])
      expect(await keys(bucket, '')).toEqual(['a'])
      const right = await carryOut('mv', source, target, state)
      expect(right.summary).toMatchObject({ moved: 1, failed: 0, unverified: 0 })
      expectSame(await get(bucket, 'a'), next)
      expect(await keys(source, '')).toEqual([])
      expect(await keys(bucket, '')).toEqual(['a'])
    },
  )
})

const kills: [Command, number, ...Kept][] = [
  ['sync', inParts, 'none', 'none'],
  ['mv', small, 'none', 'none'],
  ['mv', small, 'Enabled', 'Enabled'],
  ['cp', small, 'Enabled', 'Suspended'],
]

describeS3(
  'killed at any call, with verify',
  (endpoint) => {
    test.each(kills)(
      'the old or the new object is there, and the next run ends it: %s, %i bytes, versions %s, then %s',
      { timeout: 120_000 },
      async (command, size, ...kept) => {
        for (let nth = 1, ended = false; !ended; nth++) {
          const { source, bucket, old, next } = await stage(endpoint, size, kept)
          await using _ = bucket
          const state = await temporaryState()
          ended = true
          const dying = faulty(silent(bucket), {
            seed: 1,
            exactly: [{ op: 'any', nth, fault: 'kill' }],
            onFault: () => (ended = false),
          })
          await carryOut(command, source, dying, state).catch(() => {})
          const there = Buffer.from(await get(bucket, 'a'))
          const isMoved = !(await keys(source, '')).includes('a')
          expect(there.equals(next) || (!isMoved && there.equals(old))).toBe(true)
          const last = await carryOut(command, source, silent(bucket), state)
          expect(last.summary).toMatchObject({ failed: 0, unverified: 0 })
          expectSame(await get(bucket, 'a'), next)
          expect(await unfinished(bucket)).toEqual([])
          // One that was killed when it had moved it, and not removed it yet, leaves one at most.
          const left = (await keys(bucket, '')).filter((key) => key !== 'a')
          if (left.length > 0) expect(left).toEqual(['.hawser/new/a'])
        }
      },
    )
  },
  ['ceph20', 'hawser'],
)
