// Which places lie in which, by their ids.
import { expect, test } from 'vitest'
import { arePlacesNested, placeId } from '../../src/core/place.ts'
import { toKey } from '../../src/core/key.ts'
import type { Location } from '../../src/core/location.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { storeWith } from '../transfer/tools.ts'

function idOf(root: string, prefix = '', more: Partial<Location> = {}): string {
  const location = { scheme: 's3', endpoint: 'http://one', root, ...more }
  return placeId({ store: storeWith(memoryStore(), { location }), prefix: toKey(prefix) })
}

test.each([
  ['the same', idOf('bucket', 'a/'), idOf('bucket/a'), true],
  ['one in the other', idOf('bucket'), idOf('bucket', 'a/b"c/'), true],
  [
    'a whole file system',
    idOf('/', '', { scheme: 'file' }),
    idOf('/a', '', { scheme: 'file' }),
    true,
  ],
  ['names that begin alike', idOf('bucket', 'a'), idOf('bucket', 'ab'), false],
  ['two of one place', idOf('bucket', 'a/b'), idOf('bucket', 'a/c'), false],
  ['another service', idOf('bucket'), idOf('bucket', 'a', { endpoint: 'http://two' }), false],
])('%s', (_, one, other, nested) => {
  expect(arePlacesNested(one, other)).toBe(nested)
  expect(arePlacesNested(other, one)).toBe(nested)
})
