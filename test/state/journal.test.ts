import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { JournalEntry } from '../../src/state/types.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'
import { openState } from '../../src/state/state.ts'

function entry(key: string, target = 'there'): JournalEntry {
  return {
    target,
    key: toKey(key),
    upload: { key: toKey(`below/${key}`), id: `upload of ${key}` },
    source: { id: 'here', key: toKey(`from/${key}`), etag: undefined, size: 2 ** 45 },
    partSize: 8 * 2 ** 20,
    started: new Date('2025-01-02T03:04:05.678Z'),
    parts: [],
  }
}
const part = { number: 2, size: 8, etag: '"2"', crc64nvme: 2n ** 64n - 1n }
const bare = { number: 1, size: 8, etag: undefined, crc64nvme: undefined }

test('a transfer is found again by a later run, with its parts by number', async () => {
  const directory = await temporaryDirectory()
  const first = await openState(directory)
  await first.journal.begin(entry('a'))
  await first.journal.part('there', toKey('a'), { ...part, etag: '"older"' })
  await first.journal.part('there', toKey('a'), bare)
  await first.journal.part('there', toKey('a'), part)
  await first[Symbol.asyncDispose]()

  const { journal } = await temporaryState(directory)
  expect(await journal.find('there', toKey('a'))).toEqual({ ...entry('a'), parts: [bare, part] })
  expect(await journal.find('elsewhere', toKey('a'))).toBeUndefined()
})

test('a new beginning replaces the old one and its parts', async () => {
  const { journal } = await temporaryState()
  await journal.begin({ ...entry('a'), parts: [bare, part] })
  await journal.begin({ ...entry('a'), upload: { key: toKey('a'), id: 'new' }, parts: [part] })
  expect(await journal.find('there', toKey('a'))).toMatchObject({
    upload: { id: 'new' },
    parts: [part],
  })
})

test('what the store has not told yet is told apart', async () => {
  const { journal } = await temporaryState()
  const attempt = { ...entry('a'), upload: undefined }
  await journal.begin(attempt)
  expect(await journal.find('there', toKey('a'))).toEqual(attempt)
  await journal.begin(entry('a'))
  expect(await collect(journal.all())).toEqual([entry('a')])
})

test('an ended transfer is forgotten, and takes no parts', async () => {
  const { journal } = await temporaryState()
  await journal.begin({ ...entry('a'), parts: [bare] })
  await journal.end('there', toKey('a'))
  await journal.end('there', toKey('never begun'))
  expect(await journal.find('there', toKey('a'))).toBeUndefined()
  await expect(journal.part('there', toKey('a'), part)).rejects.toMatchObject({ code: 'internal' })
})

test('all entries come, or those of one target', async () => {
  const { journal } = await temporaryState()
  await journal.begin(entry('b', 'one'))
  await journal.begin({ ...entry('a', 'two'), parts: [part] })
  await journal.begin(entry('c', 'one'))
  expect((await collect(journal.all())).map(({ key }) => key)).toEqual(['b', 'a', 'c'])
  expect(await collect(journal.all('two'))).toEqual([{ ...entry('a', 'two'), parts: [part] }])
})
