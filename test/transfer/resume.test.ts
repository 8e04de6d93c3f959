import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { locationId } from '../../src/core/location.ts'
import { RunMeter } from '../../src/core/meter.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store, Upload } from '../../src/core/store.ts'
import type { CopyWork, ObjectRef } from '../../src/core/work.ts'
import { faulty, type FaultSchedule } from '../../src/layers/faulty.ts'
import type { Journal, JournalEntry } from '../../src/state/types.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { transferObject, type Transferred } from '../../src/transfer/object.ts'
import { abandon } from '../../src/transfer/begin.ts'
import { Semaphore } from '../../src/transfer/semaphore.ts'
import { bytesOf, expectSame, failure, get, put } from '../conformance/tools.ts'
import {
  contextOf,
  KiB,
  multipartOf,
  nothing,
  storeWith,
  temporaryDirectory,
  temporaryState,
  unfinished,
  withMultipart,
  workOf,
} from './tools.ts'

const size = 95 * KiB
const bytes = bytesOf(size)
const parts = 10

/** Runs the transfer one part after another, until `after` parts have arrived. */
async function interrupted(
  work: CopyWork,
  from: Store,
  to: Store,
  journal: Journal | undefined,
  after: number,
): Promise<void> {
  const controller = new AbortController()
  let arrived = 0
  const onProgress = (): void => {
    if (++arrived === after) controller.abort()
  }
  const { signal } = controller
  const context = contextOf(from, to, { journal, signal, lanes: new Semaphore(1) })
  await failure(transferObject(work, context, onProgress), 'interrupted')
}

/** Runs the transfer to its end, and tells what it asked of the destination. */
async function finished(
  work: CopyWork,
  from: Store,
  to: Store,
  journal: Journal | undefined,
): Promise<Transferred & { readonly parts: number }> {
  const meter = new RunMeter()
  const told: number[] = []
  const context = contextOf(from, to, { journal, meter })
  const copied = await transferObject(work, context, (done) => told.push(done))
  expect(told.at(-1)).toBe(work.from.size)
  return { ...copied, parts: meter.totals().requests.part ?? 0 }
}

async function journalled(journal: Journal): Promise<JournalEntry[]> {
  return Array.fromAsync(journal.all())
}

async function journalledUpload(journal: Journal): Promise<Upload> {
  const [entry] = await journalled(journal)
  if (!entry?.upload) throw new Error('no upload was journalled')
  return entry.upload
}

test.each([1, 2, 5, 9, 10])('an interruption after part %i is gone on with', async (after) => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, after)
  expect(await unfinished(to)).toEqual(['a'])
  expect((await journalled(journal))[0]?.parts.length).toBe(after)
  const copied = await finished(work, from, to, journal)
  expect(copied).toMatchObject({ parts: parts - after })
  expect(copied.sent).toBe(Math.max(0, size - after * 10 * KiB))
  expectSame(await get(to, 'a'), bytes)
  expect(await unfinished(to)).toEqual([])
  expect(await journalled(journal)).toEqual([])
})

test('from disk to disk too', async () => {
  const [directory, { journal }] = [await temporaryDirectory(), await temporaryState()]
  const from = memoryStore()
  const to = localStore(directory, { durable: false })
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 4)
  expect(await Array.fromAsync(to.list(toKey('')))).toEqual([])
  const copied = await finished(work, from, to, journal)
  expect(copied.sent).toBe(size - 40 * KiB)
  expectSame(await get(to, 'a'), bytes)
  expect(await unfinished(to)).toEqual([])
})

/** Every call of an upload of 10 parts: the one at which everything ends, and how many parts are there then. */
const ends: [FaultSchedule['exactly'], number][] = [
  [[{ op: 'begin', nth: 1, fault: 'kill' }], 0],
  [[{ op: 'begin', nth: 1, fault: 'lost-answer' }], 0],
  [[{ op: 'part', nth: 1, fault: 'kill' }], 0],
  [[{ op: 'part', nth: 4, fault: 'kill' }], 3],
  [[{ op: 'part', nth: 4, fault: 'lost-answer' }], 4],
  [[{ op: 'part', nth: 10, fault: 'kill' }], 9],
  [[{ op: 'complete', nth: 1, fault: 'kill' }], 10],
]
test.each(ends)('a transfer that ends at %j is gone on with', async (exactly, there) => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  await put(to, 'a', 'the old one')
  const dying = faulty(to, { seed: 1, exactly })
  const work = await workOf(from, to, 'a')
  const context = contextOf(from, dying, { journal, lanes: new Semaphore(1) })
  await failure(transferObject(work, context, nothing), 'unavailable')
  expect(Buffer.from(await get(to, 'a')).toString()).toBe('the old one')
  const copied = await finished(work, from, to, journal)
  expect(copied.parts).toBe(parts - there)
  expectSame(await get(to, 'a'), bytes)
  expect(await journalled(journal)).toEqual([])
  expect(await unfinished(to)).toEqual([])
})

test('an answer to the completion that was lost: the object is right after the next run', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  const exactly = [{ op: 'complete', nth: 1, fault: 'lost-answer' }] as const
  const context = contextOf(from, faulty(to, { seed: 1, exactly }), { journal })
  await failure(transferObject(work, context, nothing), 'unavailable')
  await finished(work, from, to, journal)
  expectSame(await get(to, 'a'), bytes)
  expect(await unfinished(to)).toEqual([])
})

test('an upload that is gone at the destination is begun anew', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 4)
  const upload = await journalledUpload(journal)
  await multipartOf(to).abort(upload)
  expect(await finished(work, from, to, journal)).toMatchObject({ parts, sent: size })
  expectSame(await get(to, 'a'), bytes)
  expect(await journalled(journal)).toEqual([])
})

test('the upload of another state of the source is aborted, and a new one begun', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  await interrupted(await workOf(from, to, 'a'), from, to, journal, 4)
  const later = bytesOf(size, 2)
  await put(from, 'a', later)
  const copied = await finished(await workOf(from, to, 'a'), from, to, journal)
  expect(copied).toMatchObject({ parts, sent: size })
  expectSame(await get(to, 'a'), later)
  expect(await unfinished(to)).toEqual([])
  expect(await journalled(journal)).toEqual([])
})

test('a source without an etag proves nothing', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const nameless = storeWith(from, {
    stat: async (key, call) => ({ ...(await from.stat(key, call)), etag: undefined }),
  })
  const work = await workOf(nameless, to, 'a')
  await interrupted(work, nameless, to, journal, 4)
  expect(await finished(work, nameless, to, journal)).toMatchObject({ parts })
  expect(await unfinished(to)).toEqual([])
})

test('parts that arrived and were not journalled are compared with the source', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 2)
  const upload = await journalledUpload(journal)
  const multipart = multipartOf(to)
  const right = bytes.subarray(20 * KiB, 30 * KiB)
  await multipart.part(upload, { number: 3, offset: 20 * KiB }, right)
  await multipart.part(upload, { number: 4, offset: 30 * KiB }, bytesOf(10 * KiB, 9))
  await multipart.part(upload, { number: 5, offset: 40 * KiB }, bytesOf(7 * KiB))
  // One that was journalled, and is another by now.
  await multipart.part(upload, { number: 1, offset: 0 }, bytesOf(10 * KiB, 8))
  expect(await finished(work, from, to, journal)).toMatchObject({ parts: parts - 2 })
  expectSame(await get(to, 'a'), bytes)
})

test('where the store computes no CRC, by their MD5', async () => {
  const [from, memory, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  const to = withMultipart(memory, (multipart) => ({
    part: async (...given) => ({ ...(await multipart.part(...given)), crc64nvme: undefined }),
    async *parts(...given) {
      for await (const receipt of multipart.parts(...given))
        yield { ...receipt, crc64nvme: undefined }
    },
  }))
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 2)
  const upload = await journalledUpload(journal)
  const right = bytes.subarray(20 * KiB, 30 * KiB)
  await multipartOf(to).part(upload, { number: 3, offset: 20 * KiB }, right)
  expect(await finished(work, from, to, journal)).toMatchObject({ parts: parts - 3 })
  expectSame(await get(to, 'a'), bytes)
})

test('a source that is gone does not make the upload be forgotten', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 2)
  const upload = await journalledUpload(journal)
  const slot = { number: 3, offset: 20 * KiB }
  await multipartOf(to).part(upload, slot, bytes.subarray(20 * KiB, 30 * KiB))
  let looked = false
  const vanishing = storeWith(from, {
    stat: async (key, call) => {
      if (looked) throw new Error('one look is enough')
      looked = true
      return from.stat(key, call)
    },
    readInto: (_key, ...rest) => from.readInto(toKey('gone'), ...rest),
  })
  const context = contextOf(vanishing, to, { journal })
  await failure(transferObject(work, context, nothing), 'not-found')
  expect((await journalled(journal)).map((entry) => entry.upload)).toEqual([upload])
})

test('a failure that no later run can mend frees the parts', async () => {
  const [from, memory, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const to = faulty(memory, { seed: 1, exactly: [{ op: 'part', nth: 4, fault: 'wrong-bytes' }] })
  const context = contextOf(from, to, { journal })
  await failure(transferObject(await workOf(from, to, 'a'), context, nothing), 'integrity')
  expect(await unfinished(memory)).toEqual([])
  expect(await journalled(journal)).toEqual([])
})

test('a part that an earlier run read wrong is found out, and the object sent anew', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  const exactly = [{ op: 'readInto', nth: 2, fault: 'wrong-bytes' }] as const
  await interrupted(work, faulty(from, { seed: 1, exactly }), to, journal, 4)
  const copied = await finished(work, from, to, journal)
  expect(copied).toMatchObject({ parts: parts - 4 + parts, sent: size })
  expectSame(await get(to, 'a'), bytes)
  expect(await unfinished(to)).toEqual([])
  expect(await journalled(journal)).toEqual([])
})

test('an upload that could not be journalled is aborted', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const full: Journal = {
    find: (...given) => journal.find(...given),
    begin: () => Promise.reject(new Error('the disk is full')),
    part: (...given) => journal.part(...given),
    end: (...given) => journal.end(...given),
    all: (...given) => journal.all(...given),
  }
  const work = await workOf(from, to, 'a')
  await failure(transferObject(work, contextOf(from, to, { journal: full }), nothing), 'internal')
  expect(await unfinished(to)).toEqual([])
})

test('what nobody will go on with is abandoned', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  await interrupted(await workOf(from, to, 'a'), from, to, journal, 2)
  const entry = await journal.find(locationId(to.location), toKey('a'))
  if (!entry) throw new Error('nothing was journalled')
  await abandon(entry, contextOf(from, to, { journal }))
  expect(await unfinished(to)).toEqual([])
  expect(await journalled(journal)).toEqual([])
})

test('where unfinished uploads may not be removed, they stay, and the next one is begun all the same', async () => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  await interrupted(await workOf(from, to, 'a'), from, to, journal, 3)
  await put(from, 'a', bytesOf(size, 2))
  const guarded = withMultipart(to, () => ({
    abort: async () => {
      throw new HawserError('permission-denied', 'not allowed', { op: 'abort' })
    },
  }))
  const warnings: string[] = []
  const context = contextOf(from, guarded, {
    journal,
    onWarning: (message) => void warnings.push(message),
  })
  await transferObject(await workOf(from, guarded, 'a'), context, nothing)
  expectSame(await get(to, 'a'), bytesOf(size, 2))
  expect(warnings).toEqual([expect.stringContaining('is left: not allowed')])
  expect(await journalled(journal)).toEqual([])
  expect(await unfinished(to)).toEqual(['a'])
})

test('an upload that was begun with other attributes is not gone on with', async () => {
  const from = localStore(await temporaryDirectory())
  const [to, { journal }] = [memoryStore(), await temporaryState()]
  await put(from, 'a', bytes, { attributes: { mode: 0o100640 } })
  const work = await workOf(from, to, 'a')
  await interrupted(work, from, to, journal, 4)
  const copied = await finished({ ...work, attributes: 'all' }, from, to, journal)
  expect(copied.parts).toBe(parts)
  expect((await to.stat(toKey('a'))).attributes.mode).toBe(0o100640)
  expect(await unfinished(to)).toEqual([])
})

/** A run that was killed when the store had begun its upload, and had not told it. */
async function unanswered(work: CopyWork, from: Store, to: Store, journal: Journal): Promise<void> {
  const exactly = [{ op: 'begin', nth: 1, fault: 'lost-answer' }] as const
  const context = contextOf(from, faulty(to, { seed: 1, exactly }), { journal })
  await failure(transferObject(work, context, nothing), 'unavailable')
  expect(await journalled(journal)).toMatchObject([{ key: 'a', upload: undefined, parts: [] }])
}

test.each(['memory', 'a disk'])(
  'an upload that nobody was told of is found by its time, and aborted: %s',
  async (where) => {
    const [from, { journal }] = [memoryStore(), await temporaryState()]
    const to = where === 'memory' ? memoryStore() : localStore(await temporaryDirectory())
    await put(from, 'a', bytes)
    const work = await workOf(from, to, 'a')
    await unanswered(work, from, to, journal)
    expect(await unfinished(to)).toEqual(['a'])
    const [entry] = await journalled(journal)
    if (!entry) throw new Error('nothing was journalled')
    await abandon(entry, contextOf(from, to, { journal }))
    expect(await unfinished(to)).toEqual([])
    expect(await journalled(journal)).toEqual([])
  },
)

const others: [string, (store: Store, journal: Journal) => Promise<number>][] = [
  [
    'one that something was sent to',
    async (store) => {
      const other = await multipartOf(store).begin(toKey('a'))
      await multipartOf(store).part(other, { number: 1, offset: 0 }, bytesOf(10))
      return 1
    },
  ],
  [
    'one of another key',
    async (store) => {
      await multipartOf(store).begin(toKey('a/b'))
      return 1
    },
  ],
  [
    'one that another run goes on with',
    async (store, journal) => {
      const upload = await multipartOf(store).begin(toKey('a'))
      const source = { id: 'elsewhere', key: toKey('a'), etag: undefined, size: 1 }
      const started = new Date()
      const place = { target: 'its own name', key: toKey('b'), upload, source, started }
      await journal.begin({ ...place, partSize: 1, parts: [] })
      return 1
    },
  ],
  [
    'either, where there are two',
    async (store) => {
      await multipartOf(store).begin(toKey('a'))
      return 2
    },
  ],
]
test.each(others)('what may be of another program stays: %s', async (_, prepare) => {
  const [from, to, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const work = await workOf(from, to, 'a')
  await unanswered(work, from, to, journal)
  const left = await prepare(to, journal)
  expect(await unfinished(to)).toHaveLength(2)
  expect(await finished(work, from, to, journal)).toMatchObject({ parts })
  expect(await unfinished(to)).toHaveLength(left)
})

test.each([-1, 1])('what began an hour from then stays', async (sign) => {
  const [from, memory, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const to = withMultipart(memory, (multipart) => ({
    async *uploads(...given) {
      for await (const upload of multipart.uploads(...given))
        yield { ...upload, started: new Date(Date.now() + sign * 3_600_000) }
    },
  }))
  const work = await workOf(from, to, 'a')
  await unanswered(work, from, to, journal)
  await finished(work, from, to, journal)
  expect(await unfinished(memory)).toEqual(['a'])
})

test('a store that does not list uploads keeps nothing from being sent', async () => {
  const [from, memory, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const to = withMultipart(memory, (multipart) => ({
    async *uploads(...given) {
      yield* multipart.uploads(...given)
      throw new HawserError('permission-denied', 'no lists', { op: 'uploads' })
    },
  }))
  const work = await workOf(from, to, 'a')
  await unanswered(work, from, to, journal)
  const told: string[] = []
  const onWarning = (message: string, { key }: ObjectRef): void => void told.push(message, key)
  await transferObject(work, contextOf(from, to, { journal, onWarning }), nothing)
  expect(told).toEqual(['what an earlier run began to upload may be left: no lists', 'a'])
  expectSame(await get(memory, 'a'), bytes)
})

test('nothing is written down of an upload that is refused', async () => {
  const [from, memory, { journal }] = [memoryStore(), memoryStore(), await temporaryState()]
  await put(from, 'a', bytes)
  const to = withMultipart(memory, () => ({
    begin: () => Promise.reject(new HawserError('permission-denied', 'no', { op: 'begin' })),
  }))
  const work = await workOf(from, to, 'a')
  await failure(
    transferObject(work, contextOf(from, to, { journal }), nothing),
    'permission-denied',
  )
  expect(await journalled(journal)).toEqual([])
})
