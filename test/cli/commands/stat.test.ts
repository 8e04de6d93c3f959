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
