import { expect, test } from 'vitest'
import { emptyKey, toKey } from '../../src/core/key.ts'
import { openState } from '../../src/state/state.ts'
import type { ArchivedObject, Thaw } from '../../src/state/types.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'

const place = '["s3","https://s3.example","bucket"]'

function object(key: string, etag: string | undefined = '"1"'): ArchivedObject {
  const noted = new Date(1735787045678)
  return {
    key: toKey(key),
    size: 7,
    etag,
    version: 'v1',
    storageClass: 'COLD',
    noted,
    command: 'sync',
  }
}

const thaw: Thaw = {
  requested: new Date(1735787046000),
  tier: 'bulk',
  days: 3,
  until: new Date(1736046246000),
}

test('an object comes back as it was noted, also in a later run', async () => {
  const directory = await temporaryDirectory()
  const first = await openState(directory)
  await first.archives.note(place, object('a\0😀'))
  await first.archives.update(place, toKey('a\0😀'), thaw)
  await first[Symbol.asyncDispose]()
  const { archives } = await temporaryState(directory)
  expect(await archives.get(place, toKey('a\0😀'))).toEqual({ ...object('a\0😀'), thaw })
  expect(await archives.get('elsewhere', toKey('a\0😀'))).toBeUndefined()
  await archives.remove(place, toKey('a\0😀'))
  expect(await archives.count(place, emptyKey)).toBe(0)
})

test.each([
  ['"1"', '"1"', thaw],
  ['"1"', '"2"', undefined],
  ['"1"', undefined, undefined],
  [undefined, undefined, thaw],
])('noted with %s and again with %s', async (before, after, kept) => {
  const { archives } = await temporaryState()
  const noted = { ...object('a', before), etag: before }
  await archives.note(place, noted)
  await archives.update(place, noted.key, thaw)
  const again = { ...noted, etag: after, size: 8, command: 'cp' }
  await archives.note(place, again)
  expect(await archives.get(place, noted.key)).toEqual({ ...again, thaw: kept })
})

test('a thawing of what is not noted is not kept', async () => {
  const { archives } = await temporaryState()
  await archives.update(place, toKey('a'), thaw)
  expect(await archives.get(place, toKey('a'))).toBeUndefined()
})

test('pages come in the order of keys, after a key and below a prefix', async () => {
  const { archives } = await temporaryState()
  const keys = Array.from({ length: 450 }, (_, i) => `d/${String(i).padStart(3, '0')}`)
  for (const key of [...keys.toReversed(), 'c', 'e']) await archives.note(place, object(key))
  const listed = await collect(archives.list(place, toKey('d/'), { after: toKey('d/009') }))
  expect(listed.map(({ key }) => key)).toEqual(keys.slice(10))
  expect(await archives.count(place, toKey('d/'))).toBe(450)
  expect(await archives.count(place, emptyKey)).toBe(452)
})
