import { relative, sep } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isHawserError } from '../../../src/core/errors.ts'
import { isKey, keyBytes, toKey } from '../../../src/core/key.ts'
import { placeOf } from '../../../src/stores/local/paths.ts'
import { isTemporaryName } from '../../../src/stores/local/temporary.ts'

const details = { op: 'test' }
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => isKey(text) && !/[/\0]/.test(text) && text !== '.' && text !== '..')
  .filter((text) => keyBytes(text) <= 255 && !isTemporaryName(text))

test.each(['/', '/data', '/a/b c'])('keys and paths map one to one below %s', (root) => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.boolean(), (names, slash) => {
      const key = toKey(names.join('/') + (slash ? '/' : ''))
      const place = placeOf(root, key, details)
      expect(place.directory).toBe(slash)
      expect(place.path).toBe((root === '/' ? '' : root) + sep + names.join(sep))
      expect(relative(root, place.path).split(sep)).toEqual(names)
      expect(place.parents).toHaveLength(names.length - 1)
      expect([root, ...place.parents].at(-1)).toBe(place.parent)
    }),
  )
})

test('whatever the key, its path is below the root, or there is none', () => {
  const piece = fc.constantFrom('..', '.', '', 'a', '\0', 'b', '...', '~', 'c'.repeat(256))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      try {
        const { path } = placeOf('/data', toKey(pieces.join('/')), details)
        expect(path.startsWith('/data/')).toBe(true)
        expect(relative('/data', path).split(sep)).not.toContain('..')
      } catch (error) {
        if (!isHawserError(error)) throw error
        expect(error.code).toBe('invalid-argument')
        expect(error.hint).toBeDefined()
      }
    }),
  )
})

test('the names of unfinished files are no keys', () => {
  for (const name of ['.hawser-0123456789abcdef.part', '.hawser-0123456789abcdef.parts'])
    expect(() => placeOf('/data', toKey(`a/${name}`), details)).toThrow(/unfinished/)
  expect(placeOf('/data', toKey('.hawser-1.part'), details).path).toBe('/data/.hawser-1.part')
})
