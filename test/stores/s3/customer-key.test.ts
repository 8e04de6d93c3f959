// Encryption with the customer's own key, against the services that have it.
import { describe, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { Store } from '../../../src/core/store.ts'
import { customerKeyHeaders } from '../../../src/stores/s3/customer-key.ts'
import { s3Store } from '../../../src/stores/s3/store.ts'
import {
  bytesOf,
  expectSame,
  failure,
  get,
  key,
  MiB,
  put,
  remove,
} from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket, s3Options } from './open.ts'

const keyOf = (byte: number): Secret => new Secret(Buffer.alloc(32, byte).toString('base64'))
const [mine, other] = [keyOf(1), keyOf(2)]
const content = bytesOf(200_000)

describeS3(
  'encryption with a customer\u2019s key',
  (endpoint) => {
    function another(store: Store, customerKey?: Secret): Store {
      return s3Store({ ...s3Options(endpoint, store.location.root), customerKey })
    }

    test('what is written with a key is read with it, and with no other and none', async () => {
      await using store = await openBucket(endpoint, { customerKey: mine })
      await using plain = another(store)
      await using wrong = another(store, other)
      expect(store.traits.etagIsMd5).toBe(false)
      const attributes = { mtime: 5_000_000_000n }
      await put(store, 'a', content, { attributes })
      const info = await store.stat(key('a'))
      expect(info).toMatchObject({ size: content.length, attributes, md5: undefined })
      expectSame(await get(store, 'a'), content)
      const part = new Uint8Array(1000)
      await store.readInto(key('a'), part, 50_000, { ifMatch: info.etag })
      expectSame(part, content.subarray(50_000, 51_000))
      for (const [from, hint] of [
        [plain, /--sse-c-key-file/],
        [wrong, /Check the key/],
      ] as const) {
        for (const attempt of [() => from.stat(key('a')), () => from.read(key('a'))]) {
          const error = await failure(attempt(), 'invalid-argument', 'permission-denied')
          expect(error.hint).toMatch(hint)
        }
      }
    })

    test('parts', async () => {
      await using store = await openBucket(endpoint, { customerKey: mine })
      await using plain = another(store)
      const { multipart } = store
      if (!multipart) throw new Error('no parts')
      const bytes = bytesOf(6 * MiB)
      const upload = await multipart.begin(key('big'))
      const sizes = [5 * MiB, MiB]
      const receipts = []
      for (const [index, size] of sizes.entries()) {
        const slot = { number: index + 1, offset: index * 5 * MiB }
        const piece = bytes.subarray(slot.offset, slot.offset + size)
        receipts.push(await multipart.part(upload, slot, piece))
      }
      expect(await Array.fromAsync(multipart.parts(upload))).toHaveLength(2)
      await multipart.complete(upload, receipts, { size: bytes.length })
      expectSame(await get(store, 'big'), bytes)
      await failure(plain.stat(key('big')), 'invalid-argument', 'permission-denied')
    })
  },
  ['ceph20', 'ceph16'],
)

describeS3(
  'copies of what is encrypted with a customer\u2019s key',
  (endpoint) => {
    test('from one key to another, to none, and from none to one', async () => {
      await using store = await openBucket(endpoint, { customerKey: mine })
      const options = s3Options(endpoint, store.location.root)
      await using plain = s3Store(options)
      await using second = s3Store({ ...options, customerKey: other })
      await put(store, 'a', content)
      await put(plain, 'plain', content)
      const from = { location: store.location, key: toKey('a') }
      await second.copy?.copy(from, key('b'))
      expectSame(await get(second, 'b'), content)
      await remove(second, 'b')
      const { multipart } = second
      const upload = await multipart?.begin(key('b'))
      if (!multipart?.copyPart || !upload) throw new Error('no parts')
      const range = { start: 0, end: content.length }
      const part = await multipart.copyPart(upload, { number: 1, offset: 0 }, from, range)
      await multipart.complete(upload, [part], { size: content.length })
      expectSame(await get(second, 'b'), content)
      await remove(second, 'b')
      await store.copy?.copy(from, key('same'))
      expectSame(await get(store, 'same'), content)
      await plain.copy?.copy(from, key('c'))
      expectSame(await get(plain, 'c'), content)
      await store.copy?.copy({ location: plain.location, key: toKey('plain') }, key('d'))
      expectSame(await get(store, 'd'), content)
      await failure(plain.stat(key('d')), 'invalid-argument', 'permission-denied')
    })
  },
  ['ceph20'],
)

describeS3(
  'services without encryption',
  (endpoint) => {
    test('are not trusted with what is to be encrypted', async () => {
      await using plain = await openBucket(endpoint)
      await using store = s3Store({
        ...s3Options(endpoint, plain.location.root),
        customerKey: mine,
      })
      await put(plain, 'plain', content)
      const from = { location: plain.location, key: toKey('plain') }
      await failure(
        store.copy?.copy(from, key('copy')) ?? Promise.resolve(),
        'unsupported',
        'invalid-argument',
      )
    })
  },
  ['ceph16', 'hawser'],
)

describe('the key', () => {
  test('goes with its digest, for the object and for the source of a copy', () => {
    const { object, source } = customerKeyHeaders(mine, 'https://example.com')
    const prefix = 'x-amz-server-side-encryption-customer'
    expect(object).toEqual({
      [`${prefix}-algorithm`]: 'AES256',
      [`${prefix}-key`]: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=',
      [`${prefix}-key-md5`]: '4Funlf7OsLF0HL+vKU+fkg==',
    })
    expect(Object.values(source)).toEqual(Object.values(object))
    expect(Object.keys(source)).toEqual(
      Object.keys(object).map((name) => name.replace('x-amz-', 'x-amz-copy-source-')),
    )
  })

  test.each(['', 'short', 'x'.repeat(44), `${mine.reveal()} `, 'AAAA'])('%j is none', (text) => {
    expect(() => customerKeyHeaders(new Secret(text), 'https://example.com')).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  })

  test.each(['http://example.com', 'http://10.0.0.1:9000', 'http://127.0.0.1.example.com'])(
    'is not sent to %s',
    (endpoint) => {
      expect(() => customerKeyHeaders(mine, endpoint)).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          hint: expect.stringContaining('https'),
        }),
      )
    },
  )

  test('may go over http within the machine', () => {
    for (const endpoint of ['http://127.0.0.1:9000', 'http://localhost', 'http://[::1]:1'])
      expect(customerKeyHeaders(mine, endpoint).object).not.toEqual({})
  })
})
