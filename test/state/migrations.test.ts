import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeGolden, shapeOf } from '../golden/database.ts'
import { toKey } from '../../src/core/key.ts'
import { openState } from '../../src/state/state.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'

const source = '["file","","/home/a"]'
const target = '["s3","https://s3.example","bucket"]'

test('a new state has the shape of version 2, and so has one of version 1 that was opened', async () => {
  const directory = await temporaryDirectory()
  const state = await openState(directory)
  await state.pairs.get({ source, target }, toKey('a'))
  await state[Symbol.asyncDispose]()
  const file = join(directory, 'state.sqlite')
  const made = shapeOf(file)
  await rm(file)
  await makeGolden('state-v2.sql', file)
  expect(made).toEqual(shapeOf(file))
  await rm(file)
  await makeGolden('state-v1.sql', file)
  const old = await openState(directory)
  expect(await old.signatures.get(target, toKey('big'))).toBeUndefined()
  await old[Symbol.asyncDispose]()
  expect(made).toEqual(shapeOf(file))
})

test('signatures of a state of version 2 are read', async () => {
  const directory = await temporaryDirectory()
  await makeGolden('state-v2.sql', join(directory, 'state.sqlite'))
  const { signatures } = await temporaryState(directory)
  expect(await signatures.get(target, toKey('big'))).toEqual(Uint8Array.of(0x89, 0x48, 0x61))
})

test.each(['state-v1.sql', 'state-v2.sql'])('rows of %s are read', async (golden) => {
  const directory = await temporaryDirectory()
  await makeGolden(golden, join(directory, 'state.sqlite'))
  const { pairs, journal, runs } = await temporaryState(directory, {
    onWarning: (warning) => expect.unreachable(warning),
  })
  const rows = await collect(pairs.scan({ source, target }))
  expect(rows.map(({ key }) => key)).toEqual(['a/b', '\u{FFFF}', '😀'])
  expect(rows[0]).toEqual({
    key: 'a/b',
    source: {
      size: 5,
      modified: 1735787045678901234n,
      etag: '66:2:5',
      device: 66n,
      inode: 2n ** 64n - 1n,
      ctime: 1735787045678901235n,
    },
    target: {
      size: 5,
      modified: 1735787046000000000n,
      etag: '"5d41402abc4b2a76b9719d911017c592"',
      version: 'v2',
    },
    crc64nvme: 2n ** 64n - 1n,
    previous: { etag: '"0cc1"', version: 'v1' },
  })
  expect(rows[1]).toMatchObject({ crc64nvme: undefined, source: { modified: 2n * 10n ** 19n } })
  expect(rows[2]).toMatchObject({ crc64nvme: 0n, source: { size: Number.MAX_SAFE_INTEGER } })
  expect(await collect(journal.all())).toEqual([
    {
      target,
      key: 'big',
      upload: { key: 'big', id: 'upload-1' },
      source: { id: source, key: 'big', etag: '66:3:9', size: 16_777_217 },
      partSize: 8_388_608,
      started: new Date(1735787045678),
      parts: [
        { number: 1, size: 8_388_608, etag: '"p1"', crc64nvme: 2n ** 64n - 2n },
        { number: 3, size: 1, etag: undefined, crc64nvme: undefined },
      ],
    },
  ])
  expect(await collect(runs.list(9))).toMatchObject([
    { id: '20250102T030405678-0a1b2c', options: { delete: true }, exitCode: 0 },
  ])
})
