import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareKeys, emptyKey, toKey } from '../../../src/core/key.ts'
import type { Entry } from '../../../src/core/store.ts'
import { decodeKey } from '../../../src/stores/s3/list.ts'
import { MalformedXml } from '../../../src/wire/xml.ts'
import { collect, failure } from '../../conformance/tools.ts'
import { type Answer, hostileServer } from './server.ts'

interface Listing {
  readonly keys?: readonly string[]
  readonly groups?: readonly string[]
  readonly next?: string
  readonly encoding?: boolean
}

function listing({ keys = [], groups = [], next, encoding = true }: Listing): Answer {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;e&quot;</ETag><Size>${key.endsWith('/') ? 0 : 7}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  const prefixes = groups.map((key) => `<CommonPrefixes><Prefix>${key}</Prefix></CommonPrefixes>`)
  const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
  return {
    body: `<?xml version="1.0"?><ListBucketResult>${encoding ? '<EncodingType>url</EncodingType>' : ''}<IsTruncated>${next !== undefined}</IsTruncated>${more}${contents.join('')}${prefixes.join('')}</ListBucketResult>`,
  }
}

async function listed(pages: readonly Listing[], options = {}, prefix = ''): Promise<Entry[]> {
  await using server = await hostileServer(({ query }) =>
    listing(pages[Number(query.get('continuation-token') ?? 0)] ?? {}),
  )
  return await collect(server.store.list(toKey(prefix), options))
}

const keysOf = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.key)

test('an entry is what the service says of it', async () => {
  expect(await listed([{ keys: ['a%2Bb+c%20d', 'dir/'] }])).toEqual([
    {
      key: 'a+b c d',
      kind: 'file',
      size: 7,
      modified: 1_767_323_045_678_000_000n,
      etag: '"e"',
      storageClass: 'STANDARD',
    },
    expect.objectContaining({ key: 'dir/', kind: 'directory', size: 0 }),
  ])
})

test('keys are taken as they are where the service says nothing of an encoding', async () => {
  expect(keysOf(await listed([{ keys: ['a%2Bb', 'a+b'], encoding: false }]))).toEqual([
    'a%2Bb',
    'a+b',
  ])
})

test('keys and groups are merged, by bytes', async () => {
  const pages = [
    { keys: ['a', 'a/b', '\uffee'], groups: ['%01/', 'a%2F/', 'b/', '\u{1f600}/'], next: '1' },
    { keys: ['\u{1f601}'], groups: ['\u{1f602}/'] },
  ]
  expect(keysOf(await listed(pages, { shallow: true }))).toEqual(
    [
      '\u0001/',
      'a',
      'a//',
      'a/b',
      'b/',
      '\uffee',
      '\u{1f600}/',
      '\u{1f601}',
      '\u{1f602}/',
    ].toSorted(compareKeys),
  )
})

describe('what cannot be trusted stops the listing:', () => {
  test.each<[string, Listing[], string]>([
    ['another order', [{ keys: ['b', 'a'] }], 'unsupported'],
    ['the order of UTF-16', [{ keys: ['\u{1f600}', '\uffee'] }], 'unsupported'],
    ['a key twice', [{ keys: ['a', 'a'] }], 'unsupported'],
    ['another order over two pages', [{ keys: ['b'], next: '1' }, { keys: ['a'] }], 'unsupported'],
    ['a circle', [{ next: '1' }, { next: '1' }], 'unavailable'],
    ['a key that was not asked for', [{ keys: ['x'] }], 'unavailable'],
    ['a wrong encoding', [{ keys: ['p%2'] }], 'unavailable'],
  ])('%s', async (name, pages, code) => {
    const prefix = name === 'a key that was not asked for' ? 'p' : ''
    await expect(listed(pages, {}, prefix)).rejects.toMatchObject({ code, op: 'list' })
  })

  test.each([
    '',
    'nonsense',
    '<html></html>',
    '<ListBucketResult>',
    '<!DOCTYPE a><ListBucketResult/>',
  ])('the answer %j', async (body) => {
    await using server = await hostileServer(() => ({ body }))
    const error = await failure(collect(server.store.list(emptyKey)), 'unavailable')
    expect(error).toMatchObject({ retry: 'later', op: 'list', location: server.store.location })
  })

  test('a truncated page without a way on', async () => {
    const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'
    await using server = await hostileServer(() => ({ body }))
    await failure(collect(server.store.list(emptyKey)), 'unavailable')
  })
})

test('a name that is not UTF-8 is told, and the others are listed', async () => {
  const pages = [{ keys: ['a', 'b%FF', 'c'] }]
  await expect(listed(pages)).rejects.toMatchObject({ code: 'unsupported' })
  const problems: Error[] = []
  const entries = await listed(pages, { onProblem: (error: Error) => problems.push(error) })
  expect(keysOf(entries)).toEqual(['a', 'c'])
  expect(problems).toEqual([expect.objectContaining({ code: 'unsupported' })])
})

test('one page is fetched ahead, and no more', async () => {
  await using server = await hostileServer(({ query }) => {
    const page = Number(query.get('continuation-token') ?? 0)
    return listing({ keys: [`${page}a`, `${page}b`], next: String(page + 1) })
  })
  const entries = server.store.list(emptyKey)[Symbol.asyncIterator]()
  for (const key of ['0a', '0b', '1a', '1b', '2a'])
    expect((await entries.next()).value).toMatchObject({ key })
  await entries.return?.()
  expect(server.asked.length).toBeLessThanOrEqual(4)
  expect(server.asked.slice(0, 3).map(({ query }) => query.get('continuation-token'))).toEqual([
    null,
    '1',
    '2',
  ])
})

test('a listing stops at an abort', async () => {
  const controller = new AbortController()
  await using server = await hostileServer(({ query }) => {
    const page = Number(query.get('continuation-token') ?? 0)
    return listing({ keys: [`${page}`.padStart(4, '0')], next: String(page + 1) })
  })
  const listAll = async (): Promise<void> => {
    for await (const { key } of server.store.list(emptyKey, { signal: controller.signal }))
      if (key === '0003') controller.abort()
  }
  await failure(listAll(), 'interrupted')
  expect(server.asked.length).toBeLessThanOrEqual(6)
})

test('an encoded key is decoded, or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (key) => {
      expect(decodeKey(encodeURIComponent(key))).toBe(key)
      expect(decodeKey(encodeURIComponent(key).replaceAll('%20', '+'))).toBe(key)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('%', '+', 'A', 'f', '9', 'z') }), (text) => {
      try {
        decodeKey(text)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedXml)
      }
    }),
  )
})
