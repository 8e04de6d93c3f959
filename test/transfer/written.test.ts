// What a service does not confirm: told, or with `verify` read back before what it replaces is given up.
import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import { RunMeter } from '../../src/core/meter.ts'
import type { Store } from '../../src/core/store.ts'
import type { ObjectRef } from '../../src/core/work.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { TransferContext } from '../../src/transfer/context.ts'
import { transferObject, type Transferred } from '../../src/transfer/object.ts'
import { Proofs } from '../../src/transfer/proofs.ts'
import { bytesOf, expectSame, failure, get, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { edited, strictStore, uploaderTo } from './delta/tools.ts'
import { contextOf, KiB, nothing, silent, storeWith, withMultipart, workOf } from './tools.ts'

const old = bytesOf(25 * KiB, 1)
const next = bytesOf(25 * KiB, 2)
const damaged = Buffer.from(next)
damaged.writeUInt8(damaged.readUInt8(1234) ^ 1, 1234)

/** Stores other bytes than it gets, so many times. */
function damaging(store: Store, times: number): Store {
  let left = times
  return storeWith(store, {
    write: async (key, body, options = {}) =>
      store.write(key, left-- > 0 ? damaged : body, { ...options, crc64nvme: undefined }),
  })
}

async function copyOf(
  bytes: Uint8Array,
  target: Store,
  context: Partial<TransferContext> = {},
): Promise<Transferred> {
  const source = memoryStore()
  await put(source, 'a', bytes)
  const work = await workOf(source, target, 'a')
  return transferObject(
    work,
    contextOf(source, target, { partSize: 64 * KiB, ...context }),
    nothing,
  )
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(toKey(''))) keys.push(key)
  return keys
}

const sizes: readonly [string, Partial<TransferContext>][] = [
  ['whole', { partSize: 64 * KiB }],
  ['in parts', { partSize: 10 * KiB }],
]

test.each(sizes)('what is confirmed is told: %s', async (_, context) => {
  const target = memoryStore()
  expect(await copyOf(next, target, context)).toMatchObject({ verified: true })
  expect(await copyOf(next, silent(target), context)).toMatchObject({ verified: false })
})

test.each(sizes)(
  'what is not confirmed is written aside, read back and moved: %s',
  async (_, context) => {
    const store = memoryStore()
    await put(store, 'a', old)
    const target = silent(store)
    let atMove: Uint8Array | undefined
    const { copy } = target
    const watched = storeWith(target, {
      copy: copy && {
        ...copy,
        async copy(...given) {
          atMove = await get(store, 'a')
          return copy.copy(...given)
        },
      },
    })
    const done = await copyOf(next, watched, { ...context, verify: true })
    expect(done).toMatchObject({ verified: true, work: { to: { key: 'a' } }, info: { key: 'a' } })
    expectSame(atMove ?? Buffer.alloc(0), old)
    expectSame(await get(store, 'a'), next)
    expect(await keysOf(store)).toEqual(['a'])
  },
)

test('a service that confirms is neither read nor written to twice', async () => {
  const target = memoryStore()
  await put(target, 'a', old)
  const meter = new RunMeter()
  await copyOf(next, target, { verify: true, meter })
  expect(meter.totals()).toMatchObject({ sent: next.length })
  expect(await keysOf(target)).toEqual(['a'])
})

test('wrong bytes that only reading tells are sent once more', async () => {
  const store = memoryStore()
  const proofs = new Proofs()
  expect(await copyOf(next, silent(damaging(store, 1)), { verify: true, proofs })).toMatchObject({
    verified: true,
  })
  expectSame(await get(store, 'a'), next)
  expect(proofs.confirms('whole')).toBe(false)
})

test('bytes that are wrong each time leave what was there', async () => {
  const store = memoryStore()
  await put(store, 'a', old)
  await failure(copyOf(next, silent(damaging(store, 2)), { verify: true }), 'integrity')
  expectSame(await get(store, 'a'), old)
  expect(await keysOf(store)).toEqual(['a'])
})

test('a new object that is wrong each time is removed again', async () => {
  const store = memoryStore()
  await failure(copyOf(next, silent(damaging(store, 2)), { verify: true }), 'integrity')
  expect(await keysOf(store)).toEqual([])
})

test('what another client puts there before the move stays', async () => {
  const store = memoryStore()
  await put(store, 'a', old)
  const target = silent(store)
  const { copy } = target
  const meddled = storeWith(target, {
    copy: copy && {
      ...copy,
      async copy(...given) {
        await put(store, 'a', 'theirs')
        return copy.copy(...given)
      },
    },
  })
  await failure(copyOf(next, meddled, { verify: true }), 'precondition-failed')
  expect(Buffer.from(await get(store, 'a')).toString()).toBe('theirs')
  expect(await keysOf(store)).toEqual(['a'])
})

function killed(): never {
  throw new HawserError('unavailable', 'killed', { op: 'copy' })
}

test('what a killed run leaves aside is replaced by the next one', async () => {
  const store = memoryStore()
  await put(store, 'a', old)
  const target = silent(store)
  const { copy } = target
  const dying = storeWith(target, { copy: copy && { ...copy, copy: killed }, remove: killed })
  await failure(copyOf(next, dying, { verify: true }), 'unavailable')
  expectSame(await get(store, 'a'), old)
  expect(await keysOf(store)).toEqual(['.hawser/new/a', 'a'])
  await copyOf(next, target, { verify: true })
  expectSame(await get(store, 'a'), next)
  expect(await keysOf(store)).toEqual(['a'])
})

test('what is aside and cannot be removed is told by its name, and no failure', async () => {
  const store = memoryStore()
  await put(store, 'a', old)
  const target = storeWith(silent(store), {
    async *remove(refs) {
      for await (const { key } of refs)
        yield { key, error: new HawserError('permission-denied', 'no', { op: 'remove', key }) }
    },
  })
  const told: string[] = []
  const onWarning = (message: string, { key }: ObjectRef): void => void told.push(message, key)
  expect(await copyOf(next, target, { verify: true, onWarning })).toMatchObject({ verified: true })
  expectSame(await get(store, 'a'), next)
  expect(told).toEqual(['what was written there could not be removed again: no', '.hawser/new/a'])
})

const big = bytesOf(12 * MiB, 1)
const changed = edited(big, 6 * MiB, 10, bytesOf(1000, 2))

/** Counts the parts that are copied. */
function counting(store: Store): { store: Store; copied: () => number } {
  let copied = 0
  return {
    copied: () => copied,
    store: withMultipart(store, ({ copyPart }) => ({
      copyPart:
        copyPart &&
        (async (...given) => {
          copied++
          return copyPart(...given)
        }),
    })),
  }
}

test('a service that does not prove what it copies is asked once in a run', async () => {
  const target = strictStore()
  const uploader = await uploaderTo(target)
  await uploader.upload(big)
  const proofs = new Proofs()
  const { store, copied } = counting(silent(target))
  const first = await uploader.upload(changed, { context: { target: store, proofs } })
  expect(first).toMatchObject({ sent: changed.length, verified: false })
  expect(copied()).toBeGreaterThan(0)
  const asked = copied()
  const second = await uploader.upload(big, { context: { target: store, proofs } })
  expect(second.sent).toBe(big.length)
  expect(copied()).toBe(asked)
})

test('with verify it puts the object together all the same', async () => {
  const target = strictStore()
  const uploader = await uploaderTo(target)
  await uploader.upload(big)
  const done = await uploader.upload(changed, {
    context: { target: silent(target), verify: true },
  })
  expect(done.sent).toBeLessThan(7 * MiB)
  expect(done.verified).toBe(true)
  expectSame(await get(target, 'big'), changed)
  expect((await keysOf(target)).filter((key) => key.startsWith('.hawser/new'))).toEqual([])
  const again = await uploader.upload(big, { context: { target: silent(target), verify: true } })
  expect(again.sent).toBeLessThan(7 * MiB)
})

describeS3('verification', (endpoint) => {
  test('the service confirms objects of one request and of parts', async () => {
    await using target = await openBucket(endpoint)
    expect(await copyOf(next, target)).toMatchObject({ verified: true })
    const uploader = await uploaderTo(target)
    expect(await uploader.upload(big)).toMatchObject({ verified: true })
    expect(await uploader.upload(changed)).toMatchObject({ verified: true })
  })

  test('where it does not, an object is verified aside and moved', async () => {
    await using target = await openBucket(endpoint)
    await put(target, 'a', old)
    const metadata = { colour: 'blue' }
    const source = memoryStore()
    await put(source, 'a', next)
    const store = silent(target)
    const work = await workOf(source, store, 'a', { metadata, contentType: 'text/x-a' })
    const done = await transferObject(
      work,
      contextOf(source, store, { partSize: 64 * KiB, verify: true }),
      nothing,
    )
    expect(done.verified).toBe(true)
    expectSame(await get(target, 'a'), next)
    const info = await target.stat(toKey('a'))
    expect(info).toMatchObject({ metadata, contentType: 'text/x-a', etag: done.info.etag })
    expect(await keysOf(target)).toEqual(['a'])
    const uploader = await uploaderTo(target)
    await uploader.upload(big)
    const stitched = await uploader.upload(changed, { context: { target: store, verify: true } })
    expect(stitched).toMatchObject({ verified: true })
    expectSame(await get(target, 'big'), changed)
  })
})
