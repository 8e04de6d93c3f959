import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { uploadLine, uploadRecord } from '../../../src/cli/report/uploads.ts'
import { toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { bytesOf } from '../../conformance/tools.ts'
import { multipartOf } from '../../transfer/tools.ts'
import { commandIn, records } from './tools.ts'

test('listed, aborted, gone', async () => {
  const { root, hawser } = await commandIn({ 'dir/whole': 'x' })
  const store = localStore(root)
  const upload = await multipartOf(store).begin(toKey('dir/big'))
  await multipartOf(store).part(upload, { number: 1, offset: 0 }, bytesOf(2000))
  const listed = await hawser(['uploads', 'ls', '@/dir'])
  expect(listed).toMatchObject({ code: 0, err: '' })
  expect(listed.out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/)
  expect(listed.out.slice(19)).toBe(`  ${root}/dir/big  ${upload.id}\n`)
  expect((await hawser(['uploads', 'ls', '--sizes', '@/'])).out).toContain('  1.95 KiB  ')
  expect(await hawser(['uploads', 'ls', '--older-than', '1h', '@/'])).toMatchObject({ out: '' })
  expect(await hawser(['uploads', 'abort', '@/dir'])).toMatchObject({ code: 2, out: '' })
  const dry = await hawser(['uploads', 'abort', '-rn', '@/dir'])
  expect(dry.out).toMatch(/^would abort {2}\d{4}-.*big/)
  const done = await hawser(['uploads', 'abort', '@/dir/big', '--json'])
  expect(records(done)).toMatchObject([
    { type: 'upload', address: `${root}/dir/big`, key: 'big', id: upload.id, done: 'aborted' },
  ])
  expect(await hawser(['uploads', 'ls', '@/'])).toEqual({ code: 0, out: '', err: '' })
})

test('leftovers of a disk, and what is refused', async () => {
  const { root, hawser } = await commandIn({})
  await writeFile(join(root, '.hawser-0123456789abcdef.part'), 'half')
  expect((await hawser(['uploads', 'abort', '-r', '@/'])).out).toMatch(
    /^aborted .*0123456789abcdef\n$/,
  )
  expect(await hawser(['uploads', 'frob', '@/'])).toMatchObject({ code: 2 })
  for (const [action, option] of [
    ['ls', '-n'],
    ['abort', '--sizes'],
  ] as const) {
    const refused = await hawser(['uploads', action, option, '@/x'])
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toMatch(/ goes with uploads (?:ls|abort)/)
  }
  expect(await hawser(['uploads', 'ls', '--older-than', 'soon', '@/'])).toMatchObject({ code: 2 })
  expect(await hawser(['uploads', 'ls', '@/none/'])).toMatchObject({ code: 4 })
})

test('a time that is not known, a name that would act on the terminal', () => {
  const upload = {
    address: 's3://bucket/\u001b',
    key: toKey('\u001b'),
    id: 'id',
    started: undefined,
    arrived: undefined,
    done: 'listed',
  } as const
  expect(uploadLine(upload, true)).toBe(`-${' '.repeat(18)}  s3://bucket/\\x1b  id`)
  expect(uploadRecord(upload)).toEqual({
    type: 'upload',
    address: 's3://bucket/\u001b',
    key: '\u001b',
    id: 'id',
    done: 'listed',
  })
})
