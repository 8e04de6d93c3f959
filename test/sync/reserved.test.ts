// What is kept beside the objects is none of them, and goes where they go.
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { locationId } from '../../src/core/location.ts'
import type { Store } from '../../src/core/store.ts'
import type { Signature } from '../../src/delta/signature/types.ts'
import { defaultReserved, reserved } from '../../src/layers/reserved.ts'
import type { State } from '../../src/state/types.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { check } from '../../src/sync/check.ts'
import { copy } from '../../src/sync/copy.ts'
import { usage } from '../../src/sync/du.ts'
import { move } from '../../src/sync/move.ts'
import { removeTree } from '../../src/sync/remove.ts'
import { removeStraySignatures } from '../../src/sync/reserved.ts'
import { openedLate } from '../../src/sync/signatures.ts'
import { sync } from '../../src/sync/sync.ts'
import { SignatureShelf } from '../../src/transfer/delta/shelf.ts'
import { failure, getText, key, keys, put, refs } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { Events, fill, names, pair, place } from './tools.ts'

type Open = () => Promise<Store>
const inMemory: Open = async () => memoryStore()
const onDisk: Open = async () => localStore(await temporaryDirectory(), { durable: false })

const shown = (store: Store): Store => reserved(store, defaultReserved)
const own = ['.hawser/s3/ledger', '.hawser/sig/a']
const recursive = true

/** What holds for buckets and directories alike. */
function untouched(open: Open): void {
  test('a sync into it sees none of it', async () => {
    await using under = await open()
    const store = shown(under)
    await fill(under, ...own, 'b')
    const { run } = await pair(undefined, store)
    const empty = await run({ delete: true })
    expect(empty.failures.map(({ code }) => code)).toEqual(['guard'])
    const source = memoryStore()
    await fill(source, 'a', 'x/.hawser/y')
    const { summary } = await run({ delete: true, archive: true }, source)
    expect(summary).toMatchObject({ copied: 2, removed: 1, failed: 0 })
    expect(await names(under)).toEqual([...own, 'a', 'x/.hawser/y'])
    expect(await run({ delete: true, archive: true }, source)).toMatchObject({
      summary: { copied: 0, removed: 0, unchanged: 2 },
    })
  })

  test('nor do copies, moves, checks and sums of it', async () => {
    await using under = await open()
    const store = shown(under)
    await fill(under, ...own, 'a', 'b/c')
    const state = await temporaryState()
    const [synced, copied, moved] = [memoryStore(), memoryStore(), memoryStore()]
    await sync(place(store), place(synced), { state, archive: true })
    await copy([place(store)], place(copied), { state, recursive })
    expect([await names(synced), await names(copied)]).toEqual([
      ['a', 'b/c'],
      ['a', 'b/c'],
    ])
    expect((await check(place(store), place(synced))).totals).toMatchObject({
      equal: 2,
      onlyInA: 0,
    })
    expect((await Array.fromAsync(usage(place(store), { depth: 1 }))).at(-1)).toMatchObject({
      objects: 2,
      bytes: 4,
    })
    await move([place(store)], place(moved), { state, recursive })
    expect(await names(moved)).toEqual(['a', 'b/c'])
    expect(await names(under)).toEqual(own)
  })

  test('what would come to its place is passed over, unless that is asked for', async () => {
    await using under = await open()
    const store = shown(under)
    await fill(under, ...own)
    const source = memoryStore()
    await fill(source, '.hawser/s3/ledger', 'a')
    await put(source, '.hawser/s3/ledger', 'another')
    const events = new Events()
    const { run } = await pair(source, store)
    const { summary } = await run({ delete: true, onEvent: events.sink })
    expect(summary).toMatchObject({ copied: 1, removed: 0, skipped: 1, failed: 0 })
    expect(events.skipped()).toEqual({ ledger: 'a reserved name at the destination' })
    expect(await getText(under, '.hawser/s3/ledger')).toBe('.hawser/s3/ledger')
    const state = await temporaryState()
    await sync(place(source, '.hawser/'), place(store, '.hawser/'), { state, delete: true })
    expect(await names(under)).toEqual(['.hawser/s3/ledger', 'a'])
    expect(await getText(under, '.hawser/s3/ledger')).toBe('another')
  })
}

describe('in memory', () => untouched(inMemory))
describe('on a disk', () => untouched(onDisk))
describeS3('what is reserved', (endpoint) => untouched(() => openBucket(endpoint)))

test('a copy of a directory that leaves out what is kept in it tells so', async () => {
  const under = await onDisk()
  const source = shown(under)
  await fill(under, 'a')
  const told = async (): Promise<unknown[]> => {
    const events = new Events()
    const options = { state: await temporaryState(), recursive, onEvent: events.sink }
    await sync(place(source, ''), place(memoryStore(), ''), options)
    await copy([place(source, '')], place(memoryStore(), 'to/'), options)
    return events.all.flatMap((event) => (event.type === 'warn' ? [event.message] : []))
  }
  expect(await told()).toEqual([])
  await fill(under, '.hawser/s3/ledger')
  const message = 'left out: what a server keeps here is copied only by this name'
  expect(await told()).toEqual([message, message])
})

test('a directory stays with what is kept in it, and that is told', async () => {
  const under = await onDisk()
  const store = reserved(under, key('tree/.hawser/'))
  await fill(under, 'tree/.hawser/s3/ledger', 'tree/a/b', 'tree/c')
  const events = new Events()
  await removeTree([place(store, 'tree/')], { recursive, onEvent: events.sink })
  expect(await names(under)).toEqual(['tree/.hawser/s3/ledger'])
  expect(events.all.filter(({ type }) => type === 'warn')).toEqual([
    {
      type: 'warn',
      address: `${under.location.root}/tree/.hawser/`,
      message: 'it stays, until it is removed by this name',
    },
  ])
  await removeTree([place(store, 'tree/.hawser/')], { recursive })
  expect(await names(under)).toEqual([])
})

const threshold = 100
const large = 'x'.repeat(threshold)
const small = 'x'.repeat(threshold - 1)

function shelfOf(store: Store): SignatureShelf {
  return new SignatureShelf({
    store,
    known: undefined,
    reserved: defaultReserved,
    onWarning: (message) => expect.fail(message),
  })
}

/** A large object with its signature. */
async function signed(store: Store, name: string): Promise<Signature> {
  await put(store, name, large)
  const { etag = '', version } = await store.stat(key(name))
  const signature: Signature = {
    average: 65_536,
    size: large.length,
    crc64nvme: 7n,
    etag,
    version,
    chunks: { count: 1, ends: Float64Array.of(large.length), digests: new Uint8Array(32).fill(3) },
  }
  await shelfOf(store).keep(key(name), signature)
  return signature
}

/** What holds where signatures lie beside objects. */
function together(open: Open): void {
  test('signatures go with objects that are removed', async () => {
    await using under = await open()
    const store = shown(under)
    for (const name of ['a', 'dir/b', 'dir/c', 'dir-']) await signed(under, name)
    await put(under, 'small', small)
    await removeTree([place(store, 'a')], { delta: { threshold } })
    await removeTree([place(store, 'dir')], { recursive, delta: { threshold } })
    expect(await keys(under, '')).toEqual(['.hawser/sig/dir-', 'dir-', 'small'])
    const source = memoryStore()
    await put(source, 'small', small)
    const { run } = await pair(source, store)
    await run({ delete: true, delta: { threshold } })
    expect(await keys(under, '')).toEqual(['small'])
  })

  test('and with those that are moved', async () => {
    await using under = await open()
    const store = shown(under)
    const options = { state: await temporaryState(), recursive, delta: { threshold } }
    const signature = await signed(under, 'dir/a')
    await put(under, 'dir/small', small)
    await move([place(store, 'dir')], place(store, 'other/'), options)
    expect(await keys(under, '')).toEqual(['.hawser/sig/other/a', 'other/a', 'other/small'])
    const moved = await store.stat(key('other/a'))
    expect(await shelfOf(store).find(moved)).toEqual({
      ...signature,
      etag: moved.etag,
      version: moved.version,
    })
    await move([place(store, 'other/a')], place(memoryStore(), 'b'), options)
    expect(await keys(under, '')).toEqual(['other/small'])
  })

  test('a whole bucket goes with all that was kept in it, in a dry run nothing', async () => {
    await using under = await open()
    const store = shown(under)
    await fill(under, ...own, 'a')
    await removeTree([place(store)], { recursive, dryRun: true })
    expect(await keys(under, '')).toEqual([...own, 'a'])
    const { summary } = await removeTree([place(store)], { recursive })
    expect(summary).toMatchObject({ removed: 1, failed: 0 })
    expect(await keys(under, '')).toEqual([])
    await fill(under, ...own)
    await removeTree([place(store)], { recursive })
    expect(await keys(under, '')).toEqual([])
    await failure(removeTree([place(store)], { recursive }), 'not-found')
  })

  test('stray signatures are told from other things', async () => {
    await using under = await open()
    const store = shown(under)
    await fill(under, ...own, '.hawser/sig-long/x', 'a')
    expect(await removeStraySignatures(store, {})).toBe(false)
    expect(await keys(under, '.hawser/')).toHaveLength(3)
    await removeTree([place(store, 'a')], {})
    expect(await removeStraySignatures(store, {})).toBe(true)
    expect(await keys(under, '')).toEqual(['.hawser/s3/ledger'])
    expect(await removeStraySignatures(store, {})).toBe(false)
  })
}

describe('in memory, beside objects', () => together(inMemory))
describe('in memory, where objects are copied', () =>
  together(async () => storeWith(memoryStore(), { rename: undefined })))
describeS3('beside objects', (endpoint) => together(() => openBucket(endpoint)))

test('of small objects no signature is asked for, and those of others go with them', async () => {
  const memory = memoryStore()
  const calls: string[][] = []
  const store = shown(
    storeWith(memory, {
      remove(asked, call) {
        const noticed: string[] = []
        calls.push(noticed)
        async function* noted() {
          for await (const ref of asked) {
            noticed.push(ref.key)
            yield ref
          }
        }
        return memory.remove(noted(), call)
      },
    }),
  )
  await signed(memory, 'large')
  await put(memory, 'small', small)
  await removeTree([place(store, '')], { recursive, delta: { threshold } })
  expect(calls[0]).toEqual(['large', '.hawser/sig/large', 'small'])
})

test('a signature that cannot be removed is a warning, and the object is gone', async () => {
  const memory = memoryStore()
  await signed(memory, 'a')
  const refusing = storeWith(memory, {
    async *remove(asked) {
      for await (const { key: at } of asked)
        if (at.startsWith('.hawser/'))
          yield { key: at, error: new HawserError('permission-denied', 'no', { op: 'remove' }) }
        else yield* memory.remove(refs(at))
    },
  })
  const events = new Events()
  const settings = { delta: { threshold }, onEvent: events.sink }
  const { summary } = await removeTree([place(shown(refusing), 'a')], settings)
  expect(summary).toMatchObject({ removed: 1, failed: 0 })
  expect(events.all.filter(({ type }) => type === 'warn')).toHaveLength(1)
  expect(await keys(memory, '')).toEqual(['.hawser/sig/a'])
})

test('what this machine keeps of big objects goes with them; for others it is not opened', async () => {
  const memory = memoryStore()
  const state = await temporaryState()
  const id = locationId(memory.location)
  let opened = 0
  const known = openedLate(async () => {
    opened++
    return state
  })
  const { etag } = await signed(memory, 'large')
  await put(memory, 'small', small)
  await state.signatures.put(id, key('large'), Buffer.from(etag))
  const options = { delta: { threshold }, known }
  await removeTree([place(shown(memory), 'small')], options)
  expect(opened).toBe(0)
  await removeTree([place(shown(memory), 'large')], { ...options, dryRun: true })
  expect(await state.signatures.get(id, key('large'))).toBeDefined()
  await removeTree([place(shown(memory), 'large')], options)
  expect(await state.signatures.get(id, key('large'))).toBeUndefined()
})

async function failing(): Promise<State> {
  throw new HawserError('local-io', 'no space', { op: 'state' })
}

test('where this machine cannot be asked, that is one warning, and all is removed', async () => {
  const memory = memoryStore()
  for (const name of ['a', 'b']) await signed(memory, name)
  const events = new Events()
  const { summary } = await removeTree([place(shown(memory))], {
    recursive,
    delta: { threshold },
    known: openedLate(failing),
    onEvent: events.sink,
  })
  expect(summary).toMatchObject({ removed: 2, failed: 0 })
  expect(events.all.filter(({ type }) => type === 'warn')).toHaveLength(1)
  expect(await keys(memory, '')).toEqual([])
})

test('where no run has kept anything, there is nothing to open', async () => {
  const known = openedLate(async () => undefined)
  await known.remove('x', key('a'))
  await known.put('x', key('a'), Buffer.from('a'))
  expect(await known.get('x', key('a'))).toBeUndefined()
})
