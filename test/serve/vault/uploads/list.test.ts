// Listings of unfinished uploads equal a model, page by page.
import { expect, test } from 'vitest'
import { compareKeys } from '../../../../src/core/key.ts'
import type { UploadInfo } from '../../../../src/serve/vault/types.ts'
import { bucketOf, call } from '../tools.ts'
import { body, inMemory, plainUpload, request } from './tools.ts'

const bucket = bucketOf()

test('uploads come by key and beginning, in groups and pages', async () => {
  const { uploads } = await inMemory()
  const begun: UploadInfo[] = []
  for (const key of ['b', 'a/x', 'a/y', 'b', 'a', 'c/d/e', 'b', '\u{1f600}/x', '\uffff/x', 'c-'])
    begun.push(await uploads.begin(bucket, key, plainUpload, call))
  await uploads.begin(bucketOf('off', 'other'), 'b', plainUpload, call)
  const done = await uploads.begin(bucket, 'b', plainUpload, call)
  const part = await uploads.part(bucket, done, 1, body(Buffer.from('x')), call)
  await uploads.complete(bucket, done, request([part]))
  const inOrder = begun.toSorted((a, b) => compareKeys(a.key, b.key))
  for (const prefix of ['', 'a', 'a/', 'b', 'c', 'x'])
    for (const delimiter of ['', '/', '-'])
      for (const limit of [1, 2, 3, 100]) {
        const items: (string | UploadInfo)[] = []
        for (const upload of inOrder) {
          if (!upload.key.startsWith(prefix)) continue
          const at = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length)
          const group = upload.key.slice(0, at + 1)
          if (at === -1) items.push(upload)
          else if (items.at(-1) !== group) items.push(group)
        }
        const found: (string | UploadInfo)[] = []
        let next: { readonly key: string; readonly id: string | undefined } | undefined = {
          key: '',
          id: undefined,
        }
        while (next) {
          const from = { after: next.key, afterId: next.id }
          const page = await uploads.list(bucket, { prefix, delimiter, limit, ...from })
          const named = [...page.uploads, ...page.prefixes]
          expect(named.length).toBeLessThanOrEqual(limit)
          if (page.next) expect(named.length).toBe(limit)
          found.push(...named.toSorted((a, b) => compareKeys(nameOf(a), nameOf(b))))
          next = page.next
        }
        expect(found).toEqual(items)
      }
})

test('a key without an id passes over all its uploads; none is asked for', async () => {
  const { uploads } = await inMemory()
  for (const key of ['a', 'b', 'b', 'c']) await uploads.begin(bucket, key, plainUpload, call)
  const query = { prefix: '', delimiter: '', after: 'b', afterId: undefined }
  const page = await uploads.list(bucket, { ...query, limit: 10 })
  expect(page.uploads.map(({ key }) => key)).toEqual(['c'])
  const gone = await uploads.list(bucket, { ...query, afterId: 'gone', limit: 10 })
  expect(gone.uploads.map(({ key }) => key)).toEqual(['b', 'b', 'c'])
  const none = await uploads.list(bucket, { ...query, limit: 0 })
  expect(none).toEqual({ uploads: [], prefixes: [], next: undefined })
})

function nameOf(item: string | UploadInfo): string {
  return typeof item === 'string' ? item : item.key
}
