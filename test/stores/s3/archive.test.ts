import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { Entry } from '../../../src/core/store.ts'
import { restoreState } from '../../../src/stores/s3/archive.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import { failure, get } from '../../conformance/tools.ts'
import { archive } from '../../sync/archive.ts'

const key = toKey('object')
const storageClass = 'GLACIER'

test.each([
  ['ongoing-request="true"', { kind: 'thawing', storageClass }],
  [
    'ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"',
    { kind: 'thawed', storageClass, until: new Date('2012-12-21') },
  ],
  ['ongoing-request="false"', { kind: 'thawed', storageClass, until: undefined }],
  ['nonsense, expiry-date="soon"', { kind: 'thawed', storageClass, until: undefined }],
])('x-amz-restore: %s', (header, state) => {
  expect(restoreState(header, storageClass)).toEqual(state)
})

test('which classes of a listing have to be asked for', () => {
  const store = s3Store({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    bucket: 'bucket',
    addressing: 'path',
    credentials: undefined,
  })
  const mayHold = (of: string | undefined): boolean | undefined => {
    const entry: Entry = { key, kind: 'file', size: 1, modified: 0n, etag: 'e', storageClass: of }
    return store.archive?.mayHold(entry)
  }
  expect([undefined, 'STANDARD', 'STANDARD_IA', 'GLACIER_IR'].map(mayHold)).not.toContain(true)
  expect(['GLACIER', 'DEEP_ARCHIVE', 'INTELLIGENT_TIERING', 'COLD'].map(mayHold)).not.toContain(
    false,
  )
})

test('an object is archived, is being thawed, can be read, and is archived again', async () => {
  const { put, pass, store } = await archive()
  await put('GLACIER', 'object')
  expect(await store.archive?.state({ key })).toEqual({ kind: 'archived', storageClass })
  await failure(get(store, 'object'), 'archived')
  await store.archive?.thaw({ key }, { tier: 'bulk', days: 1 })
  expect(await store.archive?.state({ key })).toEqual({ kind: 'thawing', storageClass })
  await store.archive?.thaw({ key }, { tier: 'bulk', days: 1 })
  pass(12)
  const thawed = await store.archive?.state({ key })
  expect(thawed).toMatchObject({ kind: 'thawed', storageClass })
  expect(Buffer.from(await get(store, 'object')).toString()).toBe('object')
  await store.archive?.thaw({ key }, { tier: 'bulk', days: 9 })
  pass(72)
  expect(await store.archive?.state({ key })).toMatchObject({ kind: 'thawed' })
  pass(200)
  expect(await store.archive?.state({ key })).toEqual({ kind: 'archived', storageClass })
})

test('what is in no archive is readable, and stays as it is when it is thawed', async () => {
  const { put, store } = await archive()
  for (const name of ['STANDARD', 'INTELLIGENT_TIERING']) {
    await put(name, 'object')
    expect(await store.archive?.state({ key })).toEqual({ kind: 'readable' })
  }
  await put('STANDARD', 'object')
  await store.archive?.thaw({ key }, { tier: 'bulk', days: 1 })
})

test('refusals', async () => {
  const { put, store } = await archive()
  const of = store.archive
  if (!of) throw new Error('no archive')
  await failure(of.state({ key }), 'not-found')
  await failure(of.thaw({ key }, { tier: 'bulk', days: 1 }), 'not-found')
  await put('DEEP_ARCHIVE', 'object')
  await failure(of.thaw({ key }, { tier: 'expedited', days: 1 }), 'invalid-argument')
  await failure(of.state({ key }, { signal: AbortSignal.abort() }), 'interrupted')
})
