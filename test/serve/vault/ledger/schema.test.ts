import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeGolden, shapeOf } from '../../../golden/database.ts'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import { temporaryDirectory, temporaryLedger } from './fixtures.ts'
import { partRow, plainRecord, uploadRow, versionRow } from './rows.ts'

test('a new ledger has the shape of version 1', async () => {
  const directory = await temporaryDirectory()
  const ledger = await openLedger(directory)
  await ledger[Symbol.asyncDispose]()
  const file = join(directory, 'ledger.sqlite')
  const made = shapeOf(file)
  await rm(file)
  await makeGolden('ledger-v1.sql', file)
  expect(made).toEqual(shapeOf(file))
})

test('a ledger of version 1 is read', async () => {
  const directory = await temporaryDirectory()
  await makeGolden('ledger-v1.sql', join(directory, 'ledger.sqlite'))
  const ledger = await temporaryLedger(directory)
  const all = { prefix: '', from: '', limit: 9 }
  expect(ledger.buckets()).toEqual([
    {
      name: 'bucket',
      created: 1735787045678,
      owner: 'AKIAEXAMPLE',
      versioning: 'enabled',
      cors: [
        {
          id: 'one',
          origins: ['*'],
          methods: ['GET'],
          headers: [],
          exposed: ['etag'],
          maxAge: 5,
        },
      ],
      tags: { a: 'b' },
    },
    { name: 'other', created: 0, owner: '', versioning: 'off', cors: [], tags: {} },
  ])
  const largest = Number.MAX_SAFE_INTEGER
  expect(ledger.scan('bucket', all)).toEqual([
    versionRow('a\0b', {
      version: 'v4',
      sequence: largest,
      place: '.hawser/s3/objects/0a/0a1c',
      match: '',
      size: largest,
      modified: 3,
      record: { ...plainRecord, etag: '' },
    }),
    versionRow('a/b', {
      sequence: 2,
      match: '5:1735787045678901',
      size: 5,
      modified: 1735787045678,
      record: {
        contentType: 'text/plain',
        headers: { 'cache-control': 'no-cache' },
        metadata: { mtime: '1' },
        tags: { k: 'v' },
        storageClass: 'GLACIER',
        etag: '3858f62230ac3c915f300c664312c63f-2',
        checksum: { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: 'AAAAAAAAAAA=' },
        parts: [
          { number: 1, size: 4, checksum: 'AAAA' },
          { number: 2, size: 1 },
        ],
        restoration: { ready: 1, expires: 2 },
      },
    }),
    versionRow('a/b', { version: 'v1', place: '.hawser/s3/objects/0a/0a1b' }),
    versionRow('\u{ffff}', {
      version: 'v3',
      sequence: 3,
      marker: true,
      match: '',
      size: 0,
      modified: 2,
      record: undefined,
    }),
  ])
  expect(ledger.hiddenKeys('bucket', all)).toEqual(['a\0b', 'a/b', '\u{ffff}'])

  const unfinished = uploadRow('upload-1', {
    started: 1735787045678,
    checksum: { algorithm: 'SHA256', type: 'COMPOSITE' },
    backing: { key: '.hawser/s3/uploads/upload-1', id: 'backing-1' },
    stride: 8_388_608,
  })
  expect(ledger.uploads('bucket', { prefix: '', from: undefined, limit: 9 })).toEqual([unfinished])
  expect(ledger.upload('upload-2')).toEqual(
    uploadRow('upload-2', {
      started: 1735787045679,
      facts: { ...unfinished.facts, contentType: 'text/plain' },
      backing: { key: 'bucket/big', id: 'backing-2' },
      completed: { version: 'null', parts: '1,2', at: 1735787046000 },
    }),
  )
  expect(ledger.parts('upload-1', 0, 9)).toEqual([
    partRow('upload-1', 1, {
      size: 8_388_608,
      checksum: 'AAAA',
      crc64nvme: 2n ** 64n - 1n,
      modified: 1735787045678,
      receipt: '"r1"',
    }),
    partRow('upload-1', 3, { modified: 1735787045679, place: '.hawser/s3/uploads/upload-1.3' }),
  ])
})
