// What is S3's own, against real servers; the conformance suite has what every store promises.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyKey, type Key, toKey } from '../../../src/core/key.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { ListOptions, Store } from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import { type S3Options, s3Store } from '../../../src/stores/s3/store.ts'
import {
  byBytes,
  bytesOf,
  collect,
  CountedSource,
  each,
  expectSame,
  failure,
  get,
  getText,
  keys,
  put,
  readAll,
  refs,
  remove,
} from '../../conformance/tools.ts'
import { createBucketName, describeS3 } from '../../servers/s3.ts'
import { multipartOf } from '../../transfer/tools.ts'
import { openBucket, s3Options } from './open.ts'

const odd = [
  ' ',
  '!\'()*"<>&;',
  '%',
  '%20',
  '%2F',
  '%zz',
  '+',
  '.',
  '..',
  '../x',
  './x',
  '/',
  '//',
  '/a',
  'a',
  'a b+c',
  'a/',
  'a/../b',
  'a/./b',
  'a//b',
  'a/b',
  'a?b=c&d#e',
  'caf\u00e9',
  'cafe\u0301',
  'delete?x',
  'line\nbreak\r\ttab',
  'null\u0001\u001f\u007f',
  'slash\\',
  '\u{1f600}',
  '\uffee',
  'x'.repeat(1020),
  '\u00e9'.repeat(510),
]

const withKeys = (accessKeyId: string, secret: string): Partial<S3Options> => ({
  credentials: async () => ({ accessKeyId, secretAccessKey: new Secret(secret) }),
})

describeS3('S3 store', (endpoint) => {
  const modern = endpoint.name !== 'ceph16'
  let opened: Store | undefined
  const bench = {
    get store(): Store {
      if (!opened) throw new Error('the store is open only inside tests')
      return opened
    },
  }
  beforeAll(async () => {
    opened = await openBucket(endpoint)
  })
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]()
  })

  async function refused(options: Partial<S3Options>): Promise<ReturnType<typeof failure>> {
    await using store = s3Store({ ...s3Options(endpoint, bench.store.location.root), ...options })
    return await failure(
      collect(store.list(emptyKey)),
      'unauthenticated',
      'permission-denied',
      'not-found',
    )
  }

  test('odd keys go and come back as they are', async () => {
    const { store } = bench
    await each(odd, async (name) => put(store, `odd${name}`, name))
    expect(await keys(store, 'odd')).toEqual(odd.toSorted(byBytes))
    await each(odd, async (name) => {
      expect(await getText(store, `odd${name}`)).toBe(name)
      const target = new Uint8Array(4)
      const { info } = await store.readInto(toKey(`odd${name}`), target, 0)
      expect(info).toMatchObject({ key: `odd${name}`, size: Buffer.byteLength(name) })
      const from = { location: store.location, key: toKey(`odd${name}`) }
      await store.copy?.copy(from, toKey(`copy${name}`))
    })
    expect(await keys(store, 'copy')).toEqual(odd.toSorted(byBytes))
    const grouped = await keys(store, 'odd', { shallow: true })
    expect(grouped).toEqual([...new Set(odd.map(shallow))].toSorted(byBytes))
    const after = toKey('odda/b')
    const later = odd.filter((name) => byBytes(`odd${name}`, after) > 0)
    expect(await keys(store, 'odd', { after })).toEqual(later.toSorted(byBytes))
    const removed = await remove(store, ...odd.flatMap((name) => [`odd${name}`, `copy${name}`]))
    expect(removed.filter(({ error }) => error)).toEqual([])
    expect(removed).toHaveLength(2 * odd.length)
    expect(await keys(store, '')).toEqual([])
  })

  test('keys alone, such as `.`, and keys with nothing in front', async () => {
    const { store } = bench
    const names = ['.', '..', './', '../', '/', '//', '/../x', '%', '+', '?', '#', '\u0001']
    await each(names, async (name) => put(store, name))
    expect(await keys(store, '')).toEqual(names.toSorted(byBytes))
    for (const name of names) expect(await getText(store, name)).toBe(name)
    await remove(store, ...names)
    expect(await keys(store, '')).toEqual([])
  })

  test('thousands of keys are listed in pages and removed in batches', async () => {
    const { store } = bench
    const names = Array.from({ length: 2_001 }, (_, i) => `many/${i}`)
    await each(names, async (name) => store.write(toKey(name), new Uint8Array(0)))
    expect(await keys(store, '')).toEqual(names.toSorted(byBytes))
    const removed = await collect(store.remove(refs(...names)))
    expect(removed.map((removal) => removal.key).toSorted()).toEqual(names.toSorted())
    expect(removed.every(({ error }) => error === undefined)).toBe(true)
    expect(await keys(store, '')).toEqual([])
  })

  test('what a removal is waiting for does not hold back what it has', async () => {
    const { store } = bench
    await put(store, 'first')
    const { promise: removedFirst, resolve } = Promise.withResolvers<void>()
    async function* slowly() {
      yield { key: toKey('first') }
      await removedFirst
      yield { key: toKey('second') }
    }
    const seen: string[] = []
    for await (const { key } of store.remove(slowly())) {
      seen.push(key)
      resolve()
    }
    expect(seen).toEqual(['first', 'second'])
  })

  test('what is absent counts as removed, also where it should have been another', async () => {
    const { store } = bench
    const absent = { key: toKey('absent'), etag: '"0cc175b9c0f1b6a831c399e269772661"' }
    expect(await remove(store, absent)).toEqual([{ key: 'absent', error: undefined }])
  })

  test('an unfinished upload of an odd key is listed as it is', async () => {
    const { store } = bench
    const { multipart } = store
    if (!multipart) throw new Error('no multipart')
    const names = odd.map((name) => toKey(`up${name}`))
    const begun = await Promise.all(names.map((name) => multipart.begin(name)))
    const found = await collect(multipart.uploads(toKey('up')))
    expect(found.map(({ key }) => key).toSorted()).toEqual(names.toSorted())
    expect(found.every(({ started }) => started !== undefined)).toBe(true)
    await each(begun, async (upload) => multipart.abort(upload))
    expect(await collect(multipart.uploads(toKey('up')))).toEqual([])
  })

  test.each(['\uffff', '\ufffe', '\u0001', '\u001f', '\u007f', '\ufffd', 'a\r\nb', ']]>&<'])(
    'what lies below %j is listed, sent and copied, whatever the service repeats of it',
    async (name) => {
      const { store } = bench
      const multipart = multipartOf(store)
      const [small, large, copy] = [toKey(`${name}/1`), toKey(`${name}/2`), toKey(`${name}/3`)]
      const listed = async (prefix: string, options?: ListOptions): Promise<Key[]> =>
        (await collect(store.list(toKey(prefix), options))).map(({ key }) => key)
      await put(store, small, 'x')
      const upload = await multipart.begin(large)
      const part = await multipart.part(upload, { number: 1, offset: 0 }, bytesOf(10))
      expect(await collect(multipart.parts(upload))).toMatchObject([{ etag: part.etag }])
      expect(await collect(multipart.uploads(toKey(name)))).toMatchObject([{ key: large }])
      await multipart.complete(upload, [part], { size: 10 })
      await store.copy?.copy({ location: store.location, key: small }, copy)
      expect(await listed(name)).toEqual([small, large, copy])
      expect(await listed(`${name}/`, { after: small })).toEqual([large, copy])
      expect(await listed('', { after: toKey(name) })).toEqual([small, large, copy])
      expect(await listed(name, { shallow: true })).toEqual([`${name}/`])
      expect(await listed(`${name}/`, { shallow: true })).toEqual([small, large, copy])
      expect(await collect(multipart.uploads(toKey(name)))).toEqual([])
      await remove(store, small, large, copy)
      expect(await listed('')).toEqual([])
    },
  )

  test('wrong credentials are named for what they are, and never shown', async () => {
    const secret = 'wrong-secret'
    const wrong = await refused(withKeys(endpoint.accessKeyId, secret))
    expect(wrong).toMatchObject({ code: 'unauthenticated', status: 403, op: 'list' })
    expect(wrong.hint).toMatch(/secret/)
    expect(JSON.stringify([wrong, String(wrong.stack)])).not.toContain(secret)
    expect((await refused(withKeys('NOBODY', secret))).code).toBe('unauthenticated')
    const other = withKeys(endpoint.otherAccessKeyId, endpoint.otherSecretAccessKey)
    expect((await refused(other)).code).toBe('permission-denied')
    expect((await refused({ credentials: undefined })).code).toBe('permission-denied')
    const late = new Date(Date.now() - 3_600_000)
    expect(await refused({ clock: () => late })).toMatchObject({
      code: 'unauthenticated',
      hint: expect.stringContaining('clock'),
    })
  })

  test('a clock that is wrong is named, and what to do about it', async () => {
    const error = await refused({ clock: () => new Date(Date.now() - 3_600_000) })
    expect(error).toMatchObject({ code: 'unauthenticated', retry: 'never' })
    expect(error.hint).toMatch(/clock/)
  })

  test('a missing bucket is named', async () => {
    const error = await refused({ bucket: 'hawser-missing' })
    expect(error).toMatchObject({
      code: 'not-found',
      message: 'bucket "hawser-missing" does not exist',
    })
  })

  test('buckets: taken, not empty, gone', async () => {
    const { store } = bench
    const { buckets } = store
    if (!buckets) throw new Error('no buckets')
    const name = createBucketName()
    await using mine = s3Store(s3Options(endpoint, name))
    await using others = s3Store({
      ...s3Options(endpoint, ''),
      ...withKeys(endpoint.otherAccessKeyId, endpoint.otherSecretAccessKey),
    })
    await buckets.create(name)
    await failure(others.buckets?.create(name) ?? Promise.resolve(), 'already-exists')
    await put(mine, 'x')
    await failure(buckets.remove(name), 'conflict')
    await remove(mine, 'x')
    await buckets.remove(name)
    await failure(buckets.remove(name), 'not-found')
    await failure(buckets.create('NO'), 'invalid-argument', 'permission-denied')
  })

  describe('checksums', () => {
    const content = bytesOf(300_000, 9)

    test('a write is proven, and the checksum is kept where the service keeps one', async () => {
      const { store } = bench
      const crc = crc64nvme(content)
      for (const body of [content, new CountedSource(content)]) {
        const written = await store.write(toKey('crc'), body, { crc64nvme: crc })
        expect(written.crc64nvme).toBe(crc)
        const info = await store.stat(toKey('crc'))
        expect(info.crc64nvme).toBe(modern ? crc : undefined)
        expect(info.md5).toMatch(/^[0-9a-f]{32}$/)
        expectSame(await readAll(await store.read(toKey('crc'))), content)
      }
      await store.write(toKey('crc'), new CountedSource(content))
      expectSame(await get(store, 'crc'), content)
      await remove(store, 'crc')
    })

    test('an object read whole into memory comes with its checksum', async () => {
      const { store } = bench
      const key = toKey('whole')
      const { etag } = await store.write(key, content)
      const target = new Uint8Array(content.length)
      const options = { ifMatch: etag, size: content.length }
      const { info, length } = await store.readInto(key, target, 0, options)
      expect(length).toBe(content.length)
      expectSame(target, content)
      expect(info.crc64nvme).toBe(modern ? crc64nvme(content) : undefined)
      await store.write(key, content.subarray(1))
      await failure(store.readInto(key, target, 0, options), 'precondition-failed')
      await remove(store, key)
    })

    if (modern)
      test('the service itself refuses other bytes', async () => {
        const { store } = bench
        await store.write(toKey('old'), content) // from now on it is trusted with the check
        const crc = crc64nvme(content) ^ 1n
        const error = await failure(
          store.write(toKey('old'), content, { crc64nvme: crc }),
          'integrity',
        )
        expect(error).toMatchObject({ status: 400, retry: 'later' })
        expectSame(await get(store, 'old'), content)
        await remove(store, 'old')
      })
  })

  test('a part is copied from any name that the service reads rightly', async () => {
    const { store } = bench
    const { multipart } = store
    if (!multipart?.copyPart) throw new Error('no copyPart')
    const content = bytesOf(5 * 2 ** 20 + 10, 3)
    const from = { location: store.location, key: toKey('from \u00e9+%25') }
    await put(store, from.key, content)
    const upload = await multipart.begin(toKey('to'))
    const range = { start: 5, end: content.length }
    const copied = multipart.copyPart(upload, { number: 1, offset: 0 }, from, range)
    if (modern) {
      const receipt = await copied
      const sent = await multipart.part(upload, { number: 2, offset: receipt.size }, content)
      const listed = await collect(multipart.parts(upload))
      expect(listed).toEqual([{ ...receipt, crc64nvme: crc64nvme(content.subarray(5)) }, sent])
      const whole = Buffer.concat([content.subarray(5), content])
      const info = await multipart.complete(upload, listed, { size: whole.length })
      expect(info.crc64nvme).toBe(crc64nvme(whole))
      expectSame(await get(store, 'to'), whole)
    } else {
      await failure(copied, 'unsupported')
      await multipart.abort(upload)
    }
    await remove(store, from.key, 'to')
  })

  test('a copy onto itself changes the attributes and keeps the rest', async () => {
    const { store } = bench
    const key = toKey('object')
    const metadata = { note: ' caf\u00e9  au lait ' }
    const mode = 0o100644
    await put(store, key, 'x', {
      attributes: { mtime: 1n, mode },
      metadata,
      contentType: 'text/x-a',
    })
    const { etag } = await store.stat(key)
    const from = { location: store.location, key, etag }
    const info = await store.copy?.copy(from, key, { attributes: { mtime: 2_000_000_000n, mode } })
    const found = await store.stat(key)
    expect(found).toMatchObject({ metadata, contentType: 'text/x-a', size: 1, etag })
    expect(found.attributes).toEqual({ mtime: 2_000_000_000n, mode })
    expect(info).toMatchObject({ key, metadata, contentType: 'text/x-a', size: 1, etag })
    expect(info?.attributes).toEqual(found.attributes)
    expect(info?.modified).toBeDefined()
    await remove(store, key)
  })

  test('copies reach other buckets of the same service, by the same identity', async () => {
    const { store } = bench
    await using other = await openBucket(endpoint)
    await using stranger = s3Store({
      ...s3Options(endpoint, other.location.root),
      ...withKeys(endpoint.otherAccessKeyId, endpoint.otherSecretAccessKey),
    })
    await put(other, 'from', 'across')
    await failure(stranger.stat(toKey('from')), 'permission-denied')
    expect(store.copy?.accepts(other)).toBe(true)
    expect(store.copy?.accepts(stranger)).toBe(false)
    await store.copy?.copy({ location: other.location, key: toKey('from') }, toKey('to'))
    expect(await getText(store, 'to')).toBe('across')
    await remove(store, 'to')
  })

  test('a condition on a copy is looked at', async () => {
    const { store } = bench
    await put(store, 'from', 'new')
    const { etag = '' } = await put(store, 'to', 'old')
    const copy = async (condition: Parameters<typeof put>[3]): Promise<unknown> =>
      store.copy?.copy({ location: store.location, key: toKey('from') }, toKey('to'), condition)
    await failure(copy({ condition: { kind: 'if-absent' } }), 'precondition-failed')
    await failure(copy({ condition: { kind: 'if-match', etag: '"x"' } }), 'precondition-failed')
    expect(await getText(store, 'to')).toBe('old')
    await copy({ condition: { kind: 'if-match', etag } })
    expect(await getText(store, 'to')).toBe('new')
    await remove(store, 'from', 'to')
  })
})

/** What is left of a key when everything below its first `/` is one entry. */
function shallow(name: string): string {
  const slash = name.indexOf('/')
  return slash === -1 ? name : name.slice(0, slash + 1)
}
