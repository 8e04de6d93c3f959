// Only what changed is sent, and what results is right: on the real servers, and in memory for what they never do.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/core/store.ts'
import { bytesOf, expectSame, get, MiB, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { KiB, storeWith, unfinished, withMultipart } from '../tools.ts'
import { edited, strictStore, uploaderTo } from './tools.ts'

const old = bytesOf(24 * MiB + 12_345, 1)

const edits: readonly [string, Uint8Array][] = [
  ['one byte changed', edited(old, 11 * MiB, 1, Buffer.from('x'))],
  ['one byte inserted at the front', edited(old, 0, 0, Buffer.from('x'))],
  ['1 MiB removed', edited(old, 11 * MiB, MiB, Buffer.alloc(0))],
  ['100 KiB appended', edited(old, old.length, 0, bytesOf(100 * KiB, 2))],
  ['nothing changed', old],
]

describeS3('delta', (endpoint) => {
  let target: Store
  beforeAll(async () => {
    target = await openBucket(endpoint)
  })
  afterAll(async () => target[Symbol.asyncDispose]())

  test.each(edits)('%s: little is sent', async (_, bytes) => {
    const uploader = await uploaderTo(target)
    await remove(target, 'big')
    const first = await uploader.upload(old)
    expect(first.sent).toBe(old.length)
    const second = await uploader.upload(bytes)
    expect(second.sentInAll).toBeLessThan(6 * MiB)
    expectSame(await get(target, 'big'), bytes)
    const back = await uploader.upload(old)
    expect(back.sentInAll).toBeLessThan(7 * MiB)
    expectSame(await get(target, 'big'), old)
    expect(await unfinished(target)).toEqual([])
  })
})

test('a source that is gone once it was sent costs its signature, and no more', async () => {
  const target = strictStore()
  const uploader = await uploaderTo(target)
  let published = false
  const gone = new HawserError('not-found', 'gone', { op: 'read' })
  const source = storeWith(uploader.source, {
    stat: async (...given) => (published ? Promise.reject(gone) : uploader.source.stat(...given)),
    read: async (...given) => (published ? Promise.reject(gone) : uploader.source.read(...given)),
    readInto: async (...given) =>
      published ? Promise.reject(gone) : uploader.source.readInto(...given),
  })
  const watched = withMultipart(target, (multipart) => ({
    async complete(...given) {
      const info = await multipart.complete(...given)
      published = true
      return info
    },
  }))
  const warnings: string[] = []
  const context = {
    source,
    target: watched,
    // Parts that no buffer holds are not scanned as they are sent.
    partSize: 16 * MiB,
    onWarning: (message: string): void => void warnings.push(message),
  }
  await uploader.upload(old, { context })
  expectSame(await get(target, 'big'), old)
  expect(warnings).toEqual(['it has no signature: gone'])
})
