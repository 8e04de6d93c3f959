// What an object has beside its bytes is still there when only its bytes have changed.
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { ObjectProperties, Store } from '../../../src/core/store.ts'
import { bytesOf, expectSame, get, MiB } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { storeWith } from '../tools.ts'
import { edited, uploaderTo } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
const next = edited(old, 6 * MiB, 10, bytesOf(1000, 2))
const mode = 0o100_640
const metadata = { note: 'x', 'other-note': 'é' }
const properties: ObjectProperties = {
  cacheControl: 'max-age=60',
  contentDisposition: 'attachment; filename="a"',
  contentLanguage: 'en',
  expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
  tags: { 'a b': 'c+d', second: '2' },
}

/** A file has no content type. */
function asFile(source: Store): { source: Store } {
  return { source: storeWith(source, { traits: { ...source.traits, hierarchical: true } }) }
}

describeS3('what deltas keep', (endpoint) => {
  test('metadata, content type, tags, headers and the mode stay', async () => {
    await using target = await openBucket(endpoint)
    const uploader = await uploaderTo(target)
    await uploader.upload(old, {
      facts: { attributes: { mtime: 5_000_000_000n, mode } },
      work: { attributes: 'all', metadata, contentType: 'text/x-test', properties },
    })
    const told = async () => target.stat(toKey('big'), { tags: true })
    const before = await told()
    expect(before).toMatchObject({ metadata, contentType: 'text/x-test', properties })
    const { sent } = await uploader.upload(next, { context: asFile(uploader.source) })
    expect(sent).toBeLessThan(6 * MiB)
    expectSame(await get(target, 'big'), next)
    const after = await told()
    expect(after).toMatchObject({ metadata, contentType: 'text/x-test' })
    expect(after.properties).toEqual(before.properties)
    expect(after.attributes.mode).toBe(mode)
    expect(after.attributes.mtime).not.toBe(before.attributes.mtime)
  })

  test('what is given replaces what was there, and the rest stays', async () => {
    await using target = await openBucket(endpoint)
    const uploader = await uploaderTo(target)
    await uploader.upload(old, { work: { metadata, contentType: 'text/x-test', properties } })
    const given = { cacheControl: 'no-store', tags: { x: 'y' } }
    await uploader.upload(next, {
      work: { metadata: { note: 'y' }, contentType: 'text/x-other', properties: given },
    })
    const after = await target.stat(toKey('big'), { tags: true })
    expect(after).toMatchObject({
      metadata: { ...metadata, note: 'y' },
      contentType: 'text/x-other',
      properties: { ...properties, ...given },
    })
    expect(after.properties?.tags).toEqual({ x: 'y' })
  })
})
