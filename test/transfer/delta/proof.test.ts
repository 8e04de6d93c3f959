// A part that the store copied wrong is caught before the object is published: what was there stays until the whole object
// has been sent instead.
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { Multipart, PartReceipt, Range, Store } from '../../../src/core/store.ts'
import { encodeSignature, parseSignature } from '../../../src/delta/signature/format.ts'
import { bytesOf, expectSame, failure, get, MiB, put } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { multipartOf, storeWith, unfinished, withMultipart } from '../tools.ts'
import { edited, strictStore, uploaderTo } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
const next = edited(old, 6 * MiB, 10, bytesOf(1000, 2))

type CopyPart = NonNullable<Multipart['copyPart']>

function withCopyPart(store: Store, change: (copyPart: CopyPart) => CopyPart): Store {
  return withMultipart(store, (multipart) => ({ copyPart: copying(multipart, change) }))
}

function copying(
  { copyPart }: Multipart,
  change: (copyPart: CopyPart) => CopyPart,
): CopyPart | undefined {
  return copyPart && change(copyPart)
}

function beside({ start, end }: Range): Range {
  return start === 0 ? { start: 1, end: end + 1 } : { start: start - 1, end: end - 1 }
}

/** Copies what lies beside the range. */
function shifted(store: Store): Store {
  return withCopyPart(
    store,
    (copyPart) => (upload, slot, from, range, options) =>
      copyPart(upload, slot, from, beside(range), options),
  )
}

/** Flips one bit of what it copies. */
function damaging(store: Store): Store {
  const multipart = multipartOf(store)
  return withCopyPart(store, () => async (upload, slot, from, range, options) => {
    const bytes = Buffer.from((await get(store, from.key)).slice(range.start, range.end))
    bytes.writeUInt8(bytes.readUInt8(1234) ^ 1, 1234)
    return multipart.part(upload, slot, bytes, options)
  })
}

/** Tells less of parts. */
function receiptsAs(store: Store, change: (receipt: PartReceipt) => PartReceipt): Store {
  return withMultipart(store, (multipart) => ({
    copyPart: copying(
      multipart,
      (copyPart) =>
        async (...given) =>
          change(await copyPart(...given)),
    ),
    async *parts(upload, options) {
      for await (const receipt of multipart.parts(upload, options)) yield change(receipt)
    },
  }))
}

const withoutCrc = (receipt: PartReceipt): PartReceipt => ({ ...receipt, crc64nvme: undefined })
const talks: readonly [string, (store: Store) => Store][] = [
  ['tells the checksum at once', (store) => store],
  [
    'tells the checksum when asked',
    (store) =>
      withCopyPart(
        store,
        (copyPart) =>
          async (...given) =>
            withoutCrc(await copyPart(...given)),
      ),
  ],
  ['tells an MD5', (store) => receiptsAs(store, withoutCrc)],
]
const faults: readonly [string, (store: Store) => Store][] = [
  ['copies another range', shifted],
  ['damages what it copies', damaging],
]
const cases = talks.flatMap(([told, talk]) =>
  faults.map(([what, fault]) => ({ told, talk, what, fault })),
)

/** Notes what is there whenever an upload is given up, and how many are completed. */
function watched(store: Store): { store: Store; atAbort: Uint8Array[]; completed: () => number } {
  const atAbort: Uint8Array[] = []
  let completed = 0
  return {
    atAbort,
    completed: () => completed,
    store: withMultipart(store, (multipart) => ({
      async abort(upload, options) {
        atAbort.push(await get(store, 'big'))
        await multipart.abort(upload, options)
      },
      async complete(upload, parts, options) {
        completed++
        return multipart.complete(upload, parts, options)
      },
    })),
  }
}

async function expectCaught(target: Store, wrong: Store): Promise<void> {
  const uploader = await uploaderTo(target)
  await uploader.upload(old)
  const { store, atAbort, completed } = watched(wrong)
  const done = await uploader.upload(next, { context: { target: store } })
  expect(atAbort).toHaveLength(1)
  for (const bytes of atAbort) expectSame(bytes, old)
  expect(completed()).toBe(1)
  expect(done.sent).toBe(next.length)
  expectSame(await get(target, 'big'), next)
  expect(await unfinished(target)).toEqual([])
}

test.each(cases)('a store that $what and $told', async ({ talk, fault }) => {
  const target = strictStore()
  await expectCaught(target, talk(fault(target)))
})

test('a store that proves nothing gets the whole object', async () => {
  const target = strictStore()
  const silent = receiptsAs(target, withoutCrc)
  const traits = { ...target.traits, etagIsMd5: false }
  await expectCaught(target, storeWith(silent, { traits }))
})

test('where the whole object cannot be sent either, the old one stays', async () => {
  const target = strictStore()
  const uploader = await uploaderTo(target)
  await uploader.upload(old)
  const broken = withMultipart(shifted(target), (multipart) => ({
    async part(upload, slot, body, options) {
      const receipt = await multipart.part(upload, slot, body, options)
      return { ...receipt, crc64nvme: (receipt.crc64nvme ?? 0n) ^ 1n }
    },
  }))
  await failure(uploader.upload(next, { context: { target: broken } }), 'integrity')
  expectSame(await get(target, 'big'), old)
  expect(await unfinished(target)).toEqual([])
})

/** The signature beside the object tells of other bytes than it has. */
async function expectForgeryCaught(target: Store): Promise<void> {
  const uploader = await uploaderTo(target)
  const other = edited(old, 6 * MiB, 10, bytesOf(10, 3))
  await uploader.upload(other)
  const at = toKey('.hawser/sig/big')
  const signature = parseSignature(await get(target, at))
  const { info } = await uploader.upload(old)
  const { etag = '', version } = info
  await put(target, at, encodeSignature({ ...signature, etag, version }))
  const warnings: string[] = []
  const onWarning = (message: string): void => void warnings.push(message)
  const stranger = await uploaderTo(target)
  expect((await stranger.upload(other, { context: { onWarning } })).sent).toBe(other.length)
  expectSame(await get(target, 'big'), other)
  expect(warnings).toEqual(['its signature, or the service, is wrong: it goes whole'])
  expect(await unfinished(target)).toEqual([])
}

test('a signature that tells of other bytes than the object has', async () =>
  expectForgeryCaught(strictStore()))

describeS3('wrong parts', (endpoint) => {
  test('a signature that tells of other bytes than the object has', async () => {
    await using target = await openBucket(endpoint)
    await expectForgeryCaught(target)
  })

  test.each(faults)('a store that %s is caught', async (_, fault) => {
    await using target = await openBucket(endpoint)
    await expectCaught(target, fault(target))
  })
})
