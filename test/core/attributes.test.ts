import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Attributes,
  attributesFromMetadata,
  attributesToMetadata,
} from '../../src/core/attributes.ts'

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => /^[^\p{Cc}:]+$/u.test(text) && text.isWellFormed())
const xattrs = fc
  .array(
    fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed()),
      fc.uint8Array(),
    ),
  )
  .map((pairs) => Object.fromEntries(new Map(pairs)))
const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    mtime: fc.bigInt(-(10n ** 20n), 10n ** 20n),
    mode: fc.nat(0o177777),
    uid: fc.nat(2 ** 32 - 2),
    gid: fc.nat(2 ** 32 - 2),
    owner: name,
    group: name,
    xattrs,
    uncompressed: fc.record({
      size: fc.maxSafeNat(),
      crc64nvme: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  },
  { requiredKeys: [] },
)

test('attributes come back from metadata as they were', () => {
  fc.assert(
    fc.property(attributes, (given) => {
      const metadata = attributesToMetadata(given)
      const read = attributesFromMetadata(metadata)
      expect(read.attributes).toEqual(given)
      expect(read.metadata).toEqual({})
      expect(metadata['xattrs'] ?? '').toMatch(/^[!-~]*$/)
    }),
  )
})

test('whatever stands under the names comes back, as an attribute or as it is', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^[a-z%=&0-9A-F.-]*$/),
    fc.stringMatching(/^0*[0-9]{1,12}$/),
  )
  const names = fc.constantFrom('uid', 'gid', 'uname', 'gname', 'xattrs', 'note')
  fc.assert(
    fc.property(fc.dictionary(names, odd, { noNullPrototype: true }), (all) => {
      const read = attributesFromMetadata(all)
      expect({ ...read.metadata, ...attributesToMetadata(read.attributes) }).toEqual(all)
    }),
  )
})

test('the forms that other tools know', () => {
  const { attributes: read } = attributesFromMetadata({
    mtime: '1354040105.123456789',
    mode: '0100664',
    uid: '500',
    gid: '0',
  })
  expect(read).toEqual({ mtime: 1354040105123456789n, mode: 0o100664, uid: 500, gid: 0 })
})

test.each([
  ['mtime', 'yesterday'],
  ['mode', '9'],
  ['uid', '-1'],
  ['uid', '4294967295'],
  ['gid', '007'],
  ['uname', ''],
  ['gname', 'a:b'],
  ['uname', 'a\n'],
  ['uncompressed', 'size=1'],
  ['uncompressed', 'size=01&crc64nvme=0123456789abcdef'],
  ['uncompressed', 'size=9999999999999999&crc64nvme=0123456789abcdef'],
  ['uncompressed', 'size=1&crc64nvme=0123456789ABCDEF'],
  ['xattrs', 'a'],
  ['xattrs', '=x'],
  ['xattrs', 'a=b=c'],
  ['xattrs', 'b=1&a=1'],
  ['xattrs', 'a=1&a=2'],
  ['xattrs', 'a=%ff'],
  ['xattrs', 'a=\u00e9'],
  ['xattrs', '%FF=1'],
])('%s: %j is no attribute', (key, text) => {
  expect(attributesFromMetadata({ [key]: text })).toEqual({
    attributes: {},
    metadata: { [key]: text },
  })
})
