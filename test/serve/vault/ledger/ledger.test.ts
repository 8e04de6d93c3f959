import { open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import type { BucketRow } from '../../../../src/serve/vault/ledger/types.ts'
import { temporaryDirectory, temporaryLedger } from './fixtures.ts'
import { partRow, plainRecord, uploadRow, versionRow } from './rows.ts'

const database = process.getBuiltinModule('node:sqlite').DatabaseSync

/** A directory whose ledger holds some hundred pages of rows. */
async function filled(): Promise<{ directory: string; file: string }> {
  const directory = await temporaryDirectory()
  const ledger = await openLedger(directory)
  const keys = Array.from({ length: 2_000 }, (_, i) => `${i}`.padStart(200, '0'))
  await ledger.write(...keys.map((key) => ({ do: 'put-version' as const, row: versionRow(key) })))
  await ledger[Symbol.asyncDispose]()
  return { directory, file: join(directory, 'ledger.sqlite') }
}

test('what is made is for this user alone, and goes on where it ended', async () => {
  const directory = join(await temporaryDirectory(), 'hidden', 's3')
  const ledger = await openLedger(directory)
  await ledger.write({ do: 'put-version', row: versionRow('a') })
  if (process.platform !== 'win32') {
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    const files = (await readdir(directory)).filter((name) => name.startsWith('ledger'))
    expect(files).toEqual(['ledger.sqlite', 'ledger.sqlite-shm', 'ledger.sqlite-wal'])
    for (const name of files) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  }
  const last = ledger.write({ do: 'put-version', row: versionRow('b') })
  await Promise.all([ledger[Symbol.asyncDispose](), ledger[Symbol.asyncDispose](), last])
  expect(await readdir(directory)).toEqual(['ledger.sqlite', 'locks'])
  const late = ledger.write({ do: 'put-version', row: versionRow('c') })
  await expect(late).rejects.toMatchObject({ code: 'internal' })
  expect(() => ledger.bucket('bucket')).toThrow(expect.objectContaining({ code: 'internal' }))

  const later = await temporaryLedger(directory)
  const rows = later.scan('bucket', { prefix: '', from: '', limit: 9 })
  expect(rows).toEqual([versionRow('a'), versionRow('b')])
})

test('everything that a version can have comes back', async () => {
  const directory = await temporaryDirectory()
  const rows = [
    versionRow('marker', {
      version: 'v3',
      sequence: 3,
      marker: true,
      match: '',
      record: undefined,
    }),
    versionRow('full', {
      version: 'v2',
      sequence: Number.MAX_SAFE_INTEGER,
      place: '.hawser/s3/objects/00/00',
      match: '5:1735787045678901',
      size: 2 ** 43,
      modified: 1735787045678,
      record: {
        contentType: 'text/plain',
        headers: { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' },
        // A name that objects treat in a way of their own.
        metadata: Object.fromEntries([
          ['__proto__', 'kept'],
          ['näme', '\0 "\u{1f600}\u2028'],
        ]),
        tags: { '': '' },
        storageClass: 'GLACIER',
        etag: '3858f62230ac3c915f300c664312c63f-2',
        checksum: { algorithm: 'SHA1', type: 'COMPOSITE', value: 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0=-2' },
        parts: [
          { number: 1, size: 5, checksum: 'AAAA' },
          { number: 10_000, size: 0 },
        ],
        restoration: { ready: 1735787045678, expires: 1735787045679 },
      },
    }),
  ]
  const ledger = await openLedger(directory)
  await ledger.write(...rows.map((row) => ({ do: 'put-version' as const, row })))
  await ledger[Symbol.asyncDispose]()
  const later = await temporaryLedger(directory)
  for (const row of rows) expect(later.versions('bucket', row.key)).toEqual([row])
})

test('buckets, in the order of names', async () => {
  const ledger = await temporaryLedger()
  const cors = {
    id: 'one',
    origins: ['*'],
    methods: ['GET'],
    headers: [],
    exposed: ['etag'],
    maxAge: 5,
  }
  const rows: BucketRow[] = [
    {
      name: 'a-bucket',
      created: 1735787045678,
      owner: 'me',
      versioning: 'suspended',
      cors: [cors, { ...cors, id: undefined, maxAge: undefined }],
      tags: { a: 'b' },
    },
    { name: 'bucket', created: 2, owner: '', versioning: 'off', cors: [], tags: {} },
  ]
  await ledger.write(...rows.toReversed().map((row) => ({ do: 'put-bucket' as const, row })))
  expect(ledger.buckets()).toEqual(rows)
  expect(ledger.bucket('a-bucket')).toEqual(rows[0])
  expect(ledger.bucket('c')).toBeUndefined()
})

test('a bucket goes with all that is known of it, and with nothing else', async () => {
  const ledger = await temporaryLedger()
  for (const bucket of ['bucket', 'other']) {
    const row = {
      name: bucket,
      created: 1,
      owner: '',
      versioning: 'off',
      cors: [],
      tags: {},
    } as const
    await ledger.write(
      { do: 'put-bucket', row },
      { do: 'put-version', row: versionRow('a', { bucket }) },
      { do: 'put-upload', row: uploadRow(`${bucket}-1`, { bucket }) },
      { do: 'put-part', row: partRow(`${bucket}-1`, 1) },
    )
  }
  await ledger.write({ do: 'remove-bucket', name: 'bucket' })
  const left = ['bucket', 'other'].map((bucket) => [
    ledger.bucket(bucket)?.name,
    ledger.versions(bucket, 'a').length,
    ledger.upload(`${bucket}-1`)?.id,
    ledger.parts(`${bucket}-1`, 0, 9).length,
  ])
  expect(left).toEqual([
    [undefined, 0, undefined, 0],
    ['other', 1, 'other-1', 1],
  ])
})

test('versions are newest first; one is put again by its sequence, and removed by all of its names', async () => {
  const ledger = await temporaryLedger()
  const one = versionRow('a', { version: 'v1', sequence: 1 })
  const two = versionRow('a', { version: 'v2', sequence: 2, place: 'there' })
  await ledger.write({ do: 'put-version', row: one }, { do: 'put-version', row: two })
  expect(ledger.versions('bucket', 'a')).toEqual([two, one])
  const moved = { ...two, place: undefined }
  await ledger.write({ do: 'put-version', row: moved })
  expect(ledger.versions('bucket', 'a')).toEqual([moved, one])
  expect(ledger.hiddenKeys('bucket', { prefix: '', from: '', limit: 1 })).toEqual([])
  const name = { bucket: 'bucket', key: 'a', version: 'v1', sequence: 1 }
  await ledger.write(
    { do: 'remove-version', ...name, version: 'v2' },
    { do: 'remove-version', ...name, sequence: 2 },
    { do: 'remove-version', ...name, bucket: 'other' },
    { do: 'remove-version', ...name, key: 'b' },
  )
  expect(ledger.versions('bucket', 'a')).toEqual([moved, one])
  await ledger.write({ do: 'remove-version', ...name })
  expect(ledger.versions('bucket', 'a')).toEqual([moved])
})

test('versions of a thousand keys at once, odd ones too', async () => {
  const ledger = await temporaryLedger()
  const odd = ['a\0b', 'a', '\u{1f600}"\\', '\u2028', '', '[1]', 'null']
  const keys = [...odd, ...Array.from({ length: 1_000 - odd.length }, (_, i) => `key ${i}`)]
  const rows = keys.flatMap((key) => [2, 1].map((sequence) => versionRow(key, { sequence })))
  await ledger.write(...rows.map((row) => ({ do: 'put-version' as const, row })))
  const found = ledger.versionsOf('bucket', [...keys.slice(1), 'absent', 'a\0'])
  expect(found.size).toBe(999)
  expect([...found.values()].flat()).toHaveLength(1_998)
  for (const key of odd.slice(1)) expect(found.get(key)).toEqual(ledger.versions('bucket', key))
  expect(ledger.versionsOf('bucket', ['a\0b']).get('a\0b')).toEqual(rows.slice(0, 2))
  expect(ledger.versionsOf('other', keys).size).toBe(0)
})

test('an upload and its parts', async () => {
  const ledger = await temporaryLedger()
  const upload = uploadRow('u', { checksum: { algorithm: 'CRC32C', type: 'COMPOSITE' } })
  const completed = { version: 'null', parts: '1,2', at: 1735787045678 }
  await ledger.write({ do: 'put-upload', row: upload })
  expect(ledger.upload('u')).toEqual(upload)
  const parts = [
    partRow('u', 1, { crc64nvme: 2n ** 64n - 1n, receipt: '"1"', offset: 2 ** 40 }),
    partRow('u', 2, { place: '.hawser/s3/objects/00/00', checksum: 'AAAAAA==' }),
    partRow('u', 3),
  ]
  await ledger.write(...parts.map((row) => ({ do: 'put-part' as const, row })))
  const set = { ...upload, stride: 8_388_608 }
  await ledger.write({ do: 'put-upload', row: set })
  expect(ledger.upload('u')).toEqual(set)
  expect(ledger.parts('u', 0, 9)).toEqual(parts)
  expect(ledger.parts('u', 1, 1)).toEqual([parts[1]])
  expect(ledger.part('u', 2)).toEqual(parts[1])
  expect(ledger.part('u', 4)).toBeUndefined()
  const again = { ...partRow('u', 2), size: 7 }
  await ledger.write({ do: 'put-part', row: again })
  expect(ledger.part('u', 2)).toEqual(again)

  const list = { prefix: '', from: undefined, limit: 9 }
  expect(ledger.uploads('bucket', list)).toEqual([set])
  await ledger.write({ do: 'put-upload', row: { ...set, completed } })
  expect(ledger.uploads('bucket', list)).toEqual([])
  expect(ledger.upload('u')).toEqual({ ...set, completed })
  await ledger.write({ do: 'remove-upload', id: 'u' })
  await ledger.write({ do: 'put-part', row: partRow('u', 5) })
  expect(ledger.upload('u')).toBeUndefined()
  expect(ledger.parts('u', 0, 9)).toEqual([])
})

test('what comes at the same time is committed together, in order', async () => {
  const directory = await temporaryDirectory()
  const ledger = await temporaryLedger(directory)
  const before = await commits(directory)
  const writes = Array.from({ length: 100 }, (_, i) =>
    ledger.write({ do: 'put-version', row: versionRow('a', { size: i }) }),
  )
  await Promise.all(writes)
  expect((await commits(directory)) - before).toBe(2)
  expect(ledger.versions('bucket', 'a')).toEqual([versionRow('a', { size: 99 })])
})

/** Transactions in the log: https://sqlite.org/fileformat2.html#the_write_ahead_log */
async function commits(directory: string): Promise<number> {
  const log = await readFile(join(directory, 'ledger.sqlite-wal'))
  if (log.length === 0) return 0
  const pageSize = log.readUInt32BE(8)
  let count = 0
  for (let at = 32; at < log.length; at += 24 + pageSize) if (log.readUInt32BE(at + 4) > 0) count++
  return count
}

test('a call is all or nothing, and one that no row can hold fails alone', async () => {
  const directory = await temporaryDirectory()
  const ledger = await temporaryLedger(directory)
  const other = new database(join(directory, 'ledger.sqlite'))
  other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON versions WHEN NEW.key = 'bad'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  other.close()
  const put = (...keys: string[]): Promise<void> =>
    ledger.write(...keys.map((key) => ({ do: 'put-version' as const, row: versionRow(key) })))
  await expect(put('a', 'bad', 'b')).rejects.toMatchObject({ code: 'internal' })
  const results = await Promise.allSettled([
    put('c'),
    put('d'),
    put('\ud800'),
    ledger.write(
      { do: 'put-version', row: versionRow('e') },
      { do: 'put-version', row: versionRow('f', { modified: 1.5 }) },
    ),
    put(),
  ])
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ])
  expect(results[3]).toMatchObject({ reason: { code: 'invalid-argument' } })
  const rows = ledger.scan('bucket', { prefix: '', from: '', limit: 9 })
  expect(rows.map(({ key }) => key)).toEqual(['c', 'd'])
})

test('a second one is refused until the first has ended', async () => {
  const directory = await temporaryDirectory()
  const first = await openLedger(directory)
  await first.write({ do: 'put-version', row: versionRow('a') })
  for (let i = 0; i < 2; i++) {
    await expect(openLedger(directory)).rejects.toMatchObject({
      code: 'conflict',
      address: directory,
      hint: expect.stringContaining(directory),
    })
  }
  await first.write({ do: 'put-version', row: versionRow('b') })
  expect(first.versions('bucket', 'b')).toHaveLength(1)
  await first[Symbol.asyncDispose]()
  const second = await temporaryLedger(directory)
  expect(second.versions('bucket', 'b')).toHaveLength(1)
})

test('a directory that cannot be made', async () => {
  const file = join(await temporaryDirectory(), 'file')
  await writeFile(file, '')
  await expect(openLedger(join(file, 'ledger'))).rejects.toMatchObject({
    code: 'local-io',
    address: join(file, 'ledger'),
    hint: expect.any(String),
  })
})

test('a ledger of a newer version is refused and left alone', async () => {
  const { directory, file } = await filled()
  const newer = new database(file)
  newer.exec('PRAGMA user_version = 999')
  newer.close()
  const before = await readFile(file)
  await expect(openLedger(directory)).rejects.toMatchObject({
    code: 'invalid-config',
    message: expect.stringContaining('made by a newer Hawser'),
  })
  expect(await readFile(file)).toEqual(before)
})

describe('a file that is no ledger is refused and left alone', () => {
  test.each<[string, (file: string) => Promise<void>]>([
    ['text', (file) => writeFile(file, 'this is no database '.repeat(500))],
    ['a damaged header', (file) => overwrite(file, 0, 'XXXXXXXX')],
    ['a damaged first page', (file) => overwrite(file, 100, 'X'.repeat(3_000))],
    ['cut short', (file) => truncate(file, 6_000)],
    [
      "another program's database",
      async (file) => {
        await writeFile(file, '')
        const other = new database(file)
        other.exec('CREATE TABLE theirs (x)')
        other.close()
      },
    ],
  ])('%s', async (_, damage) => {
    const { directory, file } = await filled()
    await damage(file)
    const before = await readFile(file)
    for (let i = 0; i < 2; i++) {
      await expect(openLedger(directory)).rejects.toMatchObject({
        code: 'integrity',
        address: directory,
        hint: expect.stringContaining('ledger.sqlite'),
      })
    }
    expect(await readFile(file)).toEqual(before)
    expect(await readdir(directory)).toEqual(['ledger.sqlite', 'locks'])
  })
})

test('damage found later fails reads, and then every write', async () => {
  const { directory, file } = await filled()
  await overwrite(file, 16_384, 'X'.repeat(400_000))
  const ledger = await temporaryLedger(directory)
  const damaged = { code: 'integrity', address: directory }
  expect(() => ledger.scan('bucket', { prefix: '', from: '', limit: 9_999 })).toThrow(
    expect.objectContaining(damaged),
  )
  const rows = Array.from({ length: 2_000 }, (_, i) => versionRow(`${i}`.padStart(200, '0')))
  const writes = rows.map((row) => ({ do: 'put-version' as const, row }))
  await expect(ledger.write(...writes)).rejects.toMatchObject(damaged)
  const bucket = {
    name: 'b',
    created: 1,
    owner: '',
    versioning: 'off',
    cors: [],
    tags: {},
  } as const
  await expect(ledger.write({ do: 'put-bucket', row: bucket })).rejects.toMatchObject(damaged)
  expect((await readdir(directory)).filter((name) => name.includes('damaged'))).toEqual([])
})

describe('a record of another shape is damage', () => {
  const { etag: _, ...without } = plainRecord
  test.each<[string, string]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a field is missing', JSON.stringify(without)],
    ['a number for text', JSON.stringify({ ...plainRecord, storageClass: 1 })],
    ['text for a map', JSON.stringify({ ...plainRecord, tags: 'a' })],
    ['a map of numbers', JSON.stringify({ ...plainRecord, metadata: { a: 1 } })],
    ['null for an object', JSON.stringify({ ...plainRecord, checksum: null })],
    [
      'an unknown word',
      JSON.stringify({
        ...plainRecord,
        checksum: { algorithm: 'MD5', type: 'COMPOSITE', value: '' },
      }),
    ],
    ['a part without its size', JSON.stringify({ ...plainRecord, parts: [{ number: 1 }] })],
  ])('%s', async (__, record) => {
    const directory = await temporaryDirectory()
    const ledger = await temporaryLedger(directory)
    await ledger.write({ do: 'put-version', row: versionRow('a') })
    await ledger.write({ do: 'put-version', row: versionRow('b') })
    const other = new database(join(directory, 'ledger.sqlite'))
    other.prepare("UPDATE versions SET record = ? WHERE key = 'a'").run(record)
    other.close()
    expect(() => ledger.versions('bucket', 'a')).toThrow(
      expect.objectContaining({ code: 'integrity', address: directory }),
    )
    expect(ledger.versions('bucket', 'b')).toHaveLength(1)
  })
})

async function overwrite(file: string, position: number, bytes: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, position)
  await handle.close()
}
