import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { contentTypeByName } from '../../src/transfer/content-type.ts'

test.each([
  ['index.html', 'text/html'],
  ['dir/a.tar.gz', 'application/gzip'],
  ['PHOTO.JPG', 'image/jpeg'],
  ['dir.txt/README', undefined],
  ['json', undefined],
  ['.json', undefined],
  ['..json', undefined],
  ['a.', undefined],
  ['model.safetensors', undefined],
  ['dir/', undefined],
  ['a\u00e9.txt', 'text/plain'],
  ['line\nbreak.txt', 'text/plain'],
])('%j: %s', async (name, type) => {
  expect(await contentTypeByName(toKey(name))).toBe(type)
})
