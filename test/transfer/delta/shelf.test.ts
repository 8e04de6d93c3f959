import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { locationId } from '../../../src/core/location.ts'
import type { ObjectInfo, Store } from '../../../src/core/store.ts'
import { HawserError } from '../../../src/core/errors.ts'
import { encodeSignature } from '../../../src/delta/signature/format.ts'
import type { Signatures } from '../../../src/state/types.ts'
import type { Signature } from '../../../src/delta/signature/types.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import {
  SignatureShelf,
  type ShelfOptions,
  type SignedObject,
} from '../../../src/transfer/delta/shelf.ts'
import { temporaryState } from '../../state/fixtures.ts'
import { collect, key, keys, put } from '../../conformance/tools.ts'

const size = 300_000
const signature: Signature = {
  average: 65_536,
  size,
  crc64nvme: 7n,
  etag: 'one',
  version: undefined,
  chunks: { count: 2, ends: Float64Array.of(200_000, size), digests: new Uint8Array(64).fill(3) },
}
const name = key('dir/big')
const object = { key: name, etag: 'one', size }

async function made(change: Partial<ShelfOptions> = {}) {
  const store = memoryStore()
  const { signatures: known } = await temporaryState()
  const warnings: string[] = []
  const options: ShelfOptions = {
    store,
    known,
    reserved: toKey('.hawser/'),
    onWarning: (message) => void warnings.push(message),
    ...change,
  }
  return { store: options.store, known, warnings, options, shelf: new SignatureShelf(options) }
}

test('another machine finds a signature beside the object, and has it for itself then', async () => {
  const { store, shelf, warnings } = await made({ threshold: size })
  await shelf.keep(name, signature)
  expect(await keys(store, '')).toEqual(['.hawser/sig/dir/big'])
  const other = await made({ store })
  expect(await other.shelf.find(object)).toEqual(signature)
  await shelf.remove(object)
  expect(await keys(store, '')).toEqual([])
  expect(await other.shelf.find(object)).toEqual(signature)
  expect(await shelf.find(object)).toBeUndefined()
  expect([...warnings, ...other.warnings]).toEqual([])
})

test('it goes with its object, of which it is known how large it is', async () => {
  const { store, shelf } = await made({ threshold: size })
  const gone = async (of: number): Promise<boolean> => {
    await put(store, name, 'x')
    await shelf.keep(name, signature)
    const removals = await collect(shelf.removeObjects(each({ ...object, size: of }), {}))
    expect(removals).toEqual([{ key: name, error: undefined }])
    return (await shelf.find(object)) === undefined
  }
  expect(await gone(size)).toBe(true)
  expect(await keys(store, '')).toEqual([])
  expect(await gone(size - 1)).toBe(false)
  expect(await keys(store, '')).toEqual(['.hawser/sig/dir/big'])
})

async function* each(found: SignedObject): AsyncGenerator<SignedObject> {
  yield { key: found.key, size: found.size }
}

test('it goes with an object that is moved, as a signature of what that is now', async () => {
  const { store, shelf } = await made({ threshold: size })
  const moved: ObjectInfo = { ...(await put(store, 'new')), etag: 'two', size, version: 'v2' }
  await shelf.keep(name, signature)
  await shelf.move(object, moved)
  expect(await keys(store, '')).toEqual(['.hawser/sig/new', 'new'])
  expect(await shelf.find(moved)).toEqual({ ...signature, etag: 'two', version: 'v2' })
  expect(await shelf.find(object)).toBeUndefined()
  await shelf.move(moved, { ...moved, key: key('other'), size: size + 1 })
  expect(await keys(store, '')).toEqual(['new'])
})

test('a signature of another state of the object is none', async () => {
  const { shelf, warnings } = await made()
  await shelf.keep(name, { ...signature, version: 'v1' })
  expect(await shelf.find({ ...object, version: 'v1' })).toBeDefined()
  for (const change of [
    { etag: 'two' },
    { size: size + 1 },
    { version: 'v2' },
    { etag: undefined },
  ])
    expect(await shelf.find({ ...object, ...change })).toBeUndefined()
  expect(warnings).toEqual([])
})

test('a stale one of this machine does not hide a newer one beside the object', async () => {
  const { store, shelf } = await made()
  await shelf.keep(name, signature)
  const newer = { ...signature, etag: 'two' }
  await (await made({ store })).shelf.keep(name, newer)
  expect(await shelf.find({ ...object, etag: 'two' })).toEqual(newer)
})

test('a damaged one, and one of a newer version, is not used and said so', async () => {
  const { store, shelf, warnings } = await made()
  const bytes = Buffer.from(encodeSignature(signature))
  for (const change of [
    (copy: Buffer) => copy.subarray(0, -1),
    (copy: Buffer) => copy.fill(2, 8, 10),
    () => Buffer.from('<html>not found</html>'),
  ]) {
    await put(store, '.hawser/sig/dir/big', change(Buffer.from(bytes)))
    expect(await shelf.find(object)).toBeUndefined()
  }
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toContain('dir/big')
})

test('whatever its bytes became, it is what was kept or none, said once', async () => {
  const bytes = Buffer.from(encodeSignature(signature))
  const damage = fc.oneof(
    fc
      .record({ at: fc.nat(bytes.length - 1), by: fc.integer({ min: 1, max: 255 }) })
      .map(({ at, by }) => bytes.map((byte, i) => (i === at ? byte ^ by : byte))),
    fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length)),
    fc.uint8Array({ minLength: 1 }).map((more) => Buffer.concat([bytes, more])),
    fc.uint8Array(),
  )
  const { store, shelf, known, warnings } = await made()
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (damaged, onMachine) => {
      warnings.length = 0
      const place = locationId(store.location)
      const sidecar = onMachine ? encodeSignature(signature) : damaged
      await put(store, '.hawser/sig/dir/big', sidecar)
      if (onMachine) await known.put(place, name, damaged)
      else await known.remove(place, name)
      expect(await shelf.find(object)).toEqual(onMachine ? signature : undefined)
      expect(warnings).toHaveLength(1)
    }),
    { numRuns: 200 },
  )
})

test('what is looked at tells where it is, and of which state', async () => {
  const { store, shelf, known } = await made()
  expect(await shelf.look(object)).toBeUndefined()
  await shelf.keep(name, signature)
  const stored = encodeSignature(signature).length
  expect(await shelf.look(object)).toEqual({ signature, where: 'machine', stored, isFresh: true })
  await known.remove(locationId(store.location), name)
  const beside = { signature, where: 'store', stored }
  expect(await shelf.look({ ...object, etag: 'two' })).toEqual({ ...beside, isFresh: false })
  expect(await shelf.look(object)).toEqual({ ...beside, isFresh: true })
  expect(await shelf.look(object)).toMatchObject({ where: 'machine' })
  await put(store, '.hawser/sig/dir/big', encodeSignature({ ...signature, etag: 'two' }))
  expect(await shelf.look({ ...object, etag: 'two' })).toMatchObject({
    where: 'store',
    isFresh: true,
  })
})

test('one that is too large to be one is not fetched, and said so', async () => {
  const { store, shelf, warnings } = await made()
  await put(store, '.hawser/sig/dir/big', Buffer.alloc(24 * 2 ** 20 + 1))
  expect(await shelf.find(object)).toBeUndefined()
  expect(warnings).toEqual([expect.stringContaining('dir/big')])
})

test('a store that takes none is asked once, and this machine has them all the same', async () => {
  let writes = 0
  const store: Store = {
    ...memoryStore(),
    async write(at) {
      writes++
      throw new HawserError('permission-denied', 'no', { op: 'write', key: at })
    },
  }
  const { shelf, warnings } = await made({ store })
  await shelf.keep(name, signature)
  await shelf.keep(key('other'), signature)
  expect(writes).toBe(1)
  expect(warnings).toHaveLength(1)
  expect(await shelf.find(object)).toEqual(signature)
})

test('one beside an object is encrypted as that is', async () => {
  const memory = memoryStore()
  const written: unknown[] = []
  const store: Store = {
    ...memory,
    async write(at, body, options) {
      written.push(options?.properties)
      return memory.write(at, body)
    },
  }
  const encryption = { algorithm: 'aws:kms', keyId: 'one' } as const
  const { shelf } = await made({ store, encryption })
  await shelf.keep(name, signature)
  expect(written).toEqual([{ encryption }])
})

test('a machine that cannot keep any has those beside the objects', async () => {
  const full = new HawserError('no-space', 'no room', { op: 'state' })
  const known: Signatures = {
    get: () => Promise.reject(full),
    put: () => Promise.reject(full),
    remove: () => Promise.reject(full),
  }
  const { store, shelf, warnings } = await made({ known, threshold: size })
  await shelf.keep(name, signature)
  expect(await keys(store, '')).toEqual(['.hawser/sig/dir/big'])
  expect(await shelf.find(object)).toEqual(signature)
  await shelf.remove(object)
  expect(await keys(store, '')).toEqual([])
  expect(warnings).toEqual([expect.stringContaining('no room')])
})

test('a key that is too long is found by its digest', async () => {
  const { store, shelf, options } = await made()
  const long = key('x'.repeat(1020))
  await shelf.keep(long, signature)
  expect(await keys(store, '')).toEqual([
    expect.stringMatching(/^\.hawser\/sig-long\/[0-9a-f]{64}$/),
  ])
  const alone = new SignatureShelf({ ...options, known: undefined })
  expect(await alone.find({ ...object, key: long })).toEqual(signature)
})

test('without a reserved prefix nothing is written beside objects', async () => {
  const { store, shelf } = await made({ reserved: undefined })
  await shelf.keep(name, signature)
  expect(await keys(store, '')).toEqual([])
  expect(await shelf.find(object)).toEqual(signature)
})
