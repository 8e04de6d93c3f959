import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { objectLines } from '../../../src/cli/report/outcome.ts'
import { commandIn, records } from './tools.ts'

test('whose a file is', async () => {
  const { hawser } = await commandIn({ a: 'x' })
  const { out } = await hawser(['stat', '@/a'])
  expect(out).toMatch(/^owner +.*\d/m)
  expect(out).toMatch(/^group +.*\d/m)
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  expect(records(await hawser(['stat', '--json', '@/a']))[0]).toMatchObject({ uid, gid })
})

test('several, and what matches a pattern', async () => {
  const { root, hawser } = await commandIn({
    'd/a.txt': 'x',
    'd/b.txt': 'yy',
    'd/e/a.txt': '',
    'd/[c]': '',
  })
  const addresses = async (...args: string[]): Promise<unknown[]> =>
    records(await hawser(['stat', '--json', ...args]))
  const at = (name: string, size: number): unknown =>
    expect.objectContaining({ address: `${root}/d/${name}`, size })
  expect(await addresses('@/d/*.txt')).toEqual([at('a.txt', 1), at('b.txt', 2)])
  expect(await addresses('--regex', '.*a.txt', '@/d')).toEqual([at('a.txt', 1), at('e/a.txt', 0)])
  expect(await addresses('--literal', '@/d/[c]', '@/d/b.txt')).toEqual([
    at('[c]', 0),
    at('b.txt', 2),
  ])
  const { out } = await hawser(['stat', '@/d/*.txt'])
  expect(out.split('\n\n').map((facts) => facts.split('\n')[0])).toEqual([
    expect.stringMatching(/^address +.*a\.txt$/),
    expect.stringMatching(/^address +.*b\.txt$/),
  ])
  expect(await hawser(['stat', '@/d/x*'])).toMatchObject({ code: 4, out: '' })
})

test('what is kept beside an object, and nothing else', () => {
  const info = {
    key: toKey('a'),
    kind: 'file',
    size: 3,
    modified: 0n,
    etag: undefined,
    attributes: { owner: 'ann', gid: 7 },
    metadata: { note: 'x' },
    properties: { cacheControl: 'no-store', encryption: { algorithm: 'aws:kms', keyId: 'k' } },
  } as const
  expect(objectLines('s3://bucket/a', info).split(/ *\n/)).toEqual([
    'address         s3://bucket/a',
    'size            3 B',
    'modified        1970-01-01T00:00:00Z',
    'owner           ann',
    'group           7',
    'cache control   no-store',
    'encryption      aws:kms',
    'encryption key  k',
    'metadata note   x',
    '',
  ])
})
