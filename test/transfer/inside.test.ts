// What comes along with objects that a service copies itself: the large ones in parts as the small ones in one request.
import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import type { ObjectInfo, ObjectProperties, Store } from '../../src/core/store.ts'
import { copyInside } from '../../src/transfer/inside.ts'
import { transferObject } from '../../src/transfer/object.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { changedObject } from '../../src/transfer/source.ts'
import { bytesOf, expectSame, failure, get, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { contextOf, nothing, storeWith, workOf } from './tools.ts'

const properties: ObjectProperties = {
  cacheControl: 'max-age=60',
  contentEncoding: 'gzip',
  contentDisposition: 'attachment; filename="a"',
  contentLanguage: 'en',
  expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
  tags: { 'a b': 'c+d' },
}
const facts = {
  attributes: {
    mtime: 1_500_000_000_500_000_000n,
    uid: 1000,
    owner: 'ann',
    xattrs: { note: new Uint8Array([1, 255]) },
  },
  metadata: { note: 'x' },
  contentType: 'text/x-test',
}

function asLarge(store: Store): Store {
  const { copy } = store
  return storeWith(store, { copy: copy && { ...copy, maxSize: 1 } })
}

/** As one that copies such an object in parts only. */
function inPartsOnly(store: Store): Store {
  const { copy } = store
  const refused = new HawserError('unsupported', 'to be copied in parts', { op: 'copy' })
  return storeWith(store, { copy: copy && { ...copy, copy: async () => Promise.reject(refused) } })
}

async function told(store: Store, key: string): Promise<ObjectInfo> {
  return store.stat(toKey(key), { tags: true })
}

test.each([
  ['the source', 'a', 'conflict'],
  ['the destination', 'b', 'precondition-failed'],
] as const)('%s that is not as it was seen is told apart', async (_, key, code) => {
  const store = memoryStore()
  await put(store, 'a', 'new')
  const { etag = '' } = await put(store, 'b', 'old')
  const condition = { kind: 'if-match', etag } as const
  const planned = await workOf(store, store, 'a', { condition })
  const work = { ...planned, to: { ...planned.to, key: toKey('b') } }
  await put(store, key, 'theirs')
  const error = await failure(copyInside(work, contextOf(store, store), nothing), code)
  expect(error.key).toBe(key)
  expect(changedObject(error)).toBe(key === 'a' ? work.from : undefined)
})

describeS3('copies inside a service', (endpoint) => {
  test('all that describes the object, and to another bucket, and what is given', async () => {
    await using store = await openBucket(endpoint)
    await using other = await openBucket(endpoint)
    const bytes = bytesOf(6 * MiB)
    const written = { ...facts, properties: { ...properties, acl: 'private' } }
    await put(store, 'a', bytes, written)
    for (const target of [store, asLarge(store), inPartsOnly(store)]) {
      const planned = await workOf(store, target, 'a')
      const to = { location: store.location, key: toKey('b') }
      await copyInside({ ...planned, to }, contextOf(store, target), nothing)
      expect(await told(store, 'b')).toMatchObject({ ...facts, properties })
      const given = {
        metadata: { more: 'y' },
        properties: { cacheControl: 'no-store', tags: { x: 'y' } },
      }
      await copyInside({ ...planned, ...given, to }, contextOf(store, target), nothing)
      const replaced = await told(store, 'b')
      expect(replaced).toMatchObject({ ...facts, metadata: { note: 'x', more: 'y' } })
      expect(replaced.properties).toMatchObject({ ...properties, ...given.properties })
      expect(replaced.properties?.tags).toEqual({ x: 'y' })
    }
    expectSame(await get(store, 'b'), bytes)
    const apart = await workOf(store, other, 'a')
    await transferObject(apart, contextOf(store, asLarge(other)), nothing)
    expectSame(await get(other, 'a'), bytes)
    const planned = await workOf(store, other, 'a')
    await transferObject(planned, contextOf(store, other, { partSize: 5 * MiB }), nothing)
    const { tags: _, ...carried } = properties
    expect(await told(other, 'a')).toMatchObject({ ...facts, properties: carried })
  })
})
