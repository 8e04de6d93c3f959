// What object stores keep with an object beside its bytes, attributes and user metadata.
import { expect, test } from 'vitest'
import type { ObjectProperties, Store } from '../../src/core/store.ts'
import type { Bench } from './suite.ts'
import { bytesOf, failure, getText, key, MiB, put } from './tools.ts'

/** One value for each property. */
const values: Required<ObjectProperties> = {
  cacheControl: 'max-age=60, public',
  contentEncoding: 'gzip',
  contentDisposition: 'attachment; filename="a b.txt"',
  contentLanguage: 'de, en',
  expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
  storageClass: 'STANDARD',
  acl: 'private',
  tags: { project: 'a b', 'with=sign': 'a+b/c:d-e_f@\u00e9' },
  encryption: { algorithm: 'AES256', keyId: undefined },
}

const names = Object.keys(values).filter((name): name is keyof ObjectProperties => name in values)

function only(kept: readonly (keyof ObjectProperties)[]): ObjectProperties {
  return Object.fromEntries(kept.map((name) => [name, values[name]]))
}

async function propertiesOf(store: Store, name: string): Promise<ObjectProperties | undefined> {
  return (await store.stat(key(name), { tags: true })).properties
}

export function propertyTests(bench: Bench): void {
  const { properties: kept } = bench.profile
  /** Access lists are told by no store, and the ordinary storage class by some. */
  const told = kept.filter((name) => name !== 'acl' && name !== 'storageClass')
  const given = only(kept)
  const expected = only(told)

  for (const name of names.filter((one) => !kept.includes(one)))
    test(`${name} is refused`, async () => {
      const { store } = bench
      const path = `${bench.prefix()}object`
      const properties = only([name])
      await failure(put(store, path, 'x', { properties }), 'unsupported', 'invalid-argument')
      if (bench.profile.multipart)
        await failure(
          store.multipart?.begin(key(path), { properties }) ?? Promise.resolve(),
          'unsupported',
          'invalid-argument',
        )
      if (store.traits.hierarchical) await failure(store.stat(key(path)), 'not-found')
    })

  if (kept.length === 0) return

  test('properties come with the bytes, and go with them', async () => {
    const { store } = bench
    const name = `${bench.prefix()}object`
    await put(store, name, 'x', { properties: given, contentType: 'text/csv' })
    expect(await propertiesOf(store, name)).toMatchObject(expected)
    const { info } = await store.readInto(key(name), new Uint8Array(1), 0)
    expect(info).toMatchObject({ contentType: 'text/csv', properties: { contentEncoding: 'gzip' } })
    await put(store, name, 'y')
    const { cacheControl, tags = {} } = (await propertiesOf(store, name)) ?? {}
    expect({ cacheControl, tags }).toEqual({ cacheControl: undefined, tags: {} })
  })

  if (bench.profile.multipart)
    test('properties of what arrives in parts', async () => {
      const { store } = bench
      const { multipart } = store
      const name = `${bench.prefix()}object`
      if (!multipart) throw new Error('no parts')
      const bytes = bytesOf(MiB)
      const options = { properties: given, metadata: { note: 'x' }, contentType: 'text/csv' }
      const upload = await multipart.begin(key(name), options)
      const receipt = await multipart.part(upload, { number: 1, offset: 0 }, bytes)
      await multipart.complete(upload, [receipt], { ...options, size: bytes.length })
      expect(await propertiesOf(store, name)).toMatchObject(expected)
      expect(await store.stat(key(name))).toMatchObject({
        metadata: { note: 'x' },
        contentType: 'text/csv',
      })
    })

  if (!bench.profile.copy) return

  test('a copy keeps them, and of those that are given replaces no others', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const [from, to] = [`${prefix}from`, `${prefix}to`]
    const metadata = { note: 'kept' }
    const source = { location: store.location, key: key(from) }
    const ofSource = only(told.filter((name) => name !== 'encryption'))
    await put(store, from, 'x', { properties: given, metadata, contentType: 'text/csv' })
    await store.copy?.copy(source, key(to))
    expect(await propertiesOf(store, to)).toMatchObject(ofSource)
    for (const properties of [
      { cacheControl: 'no-store' },
      { tags: { other: 'tag' } },
      { tags: { other: 'tag' }, contentLanguage: 'fr' },
    ]) {
      const copied = await store.copy?.copy(source, key(to), { properties })
      const { contentLanguage, cacheControl } = copied?.properties ?? {}
      const wanted = { ...ofSource, ...properties }
      expect(wanted).toMatchObject({ contentLanguage, cacheControl })
      const found = await propertiesOf(store, to)
      expect(found).toMatchObject(wanted)
      expect(found?.tags).toEqual(wanted.tags)
      expect(await store.stat(key(to))).toMatchObject({ metadata, contentType: 'text/csv' })
    }
    await store.copy?.copy(source, key(to), { properties: { tags: {} } })
    expect((await propertiesOf(store, to))?.tags).toEqual({})
    await store.copy?.copy(source, key(to), { contentType: 'text/plain' })
    expect(await propertiesOf(store, to)).toMatchObject(ofSource)
    // Onto itself, as a change of attributes is made.
    await store.copy?.copy(source, key(from), { attributes: { mtime: 1_000_000_000n } })
    expect(await propertiesOf(store, from)).toMatchObject(ofSource)
    expect(await getText(store, from)).toBe('x')
  })
}
