import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeGolden, shapeOf } from '../golden/database.ts'
import { emptyKey, toKey } from '../../src/core/key.ts'
import { openState } from '../../src/state/state.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'

const source = '["file","","/home/a"]'
const target = '["s3","https://s3.example","bucket"]'

test('a new state has the shape of version 5, and so has an older one that was opened', async () => {
  const shapes = []
  for (const golden of [
    undefined,
    'state-v1.sql',
    'state-v2.sql',
    'state-v3.sql',
    'state-v4.sql',
  ]) {
    const directory = await temporaryDirectory()
    const file = join(directory, 'state.sqlite')
    if (golden !== undefined) await makeGolden(golden, file)
    const state = await openState(directory)
    await collect(state.pairs.conflicts({ source, target }))
    await state[Symbol.asyncDispose]()
    shapes.push(shapeOf(file))
  }
  const current = join(await temporaryDirectory(), 'state.sqlite')
  await makeGolden('state-v5.sql', current)
  expect(shapes).toEqual(shapes.map(() => shapeOf(current)))
})

test.each(['state-v2.sql', 'state-v3.sql', 'state-v4.sql', 'state-v5.sql'])(
  'signatures of %s are read',
  async (golden) => {
    const directory = await temporaryDirectory()
    await makeGolden(golden, join(directory, 'state.sqlite'))
    const { signatures } = await temporaryState(directory)
    expect(await signatures.get(target, toKey('big'))).toEqual(Uint8Array.of(0x89, 0x48, 0x61))
  },
)

test('conflicts of a state of version 4 are read', async () => {
  const directory = await temporaryDirectory()
  await makeGolden('state-v4.sql', join(directory, 'state.sqlite'))
  const { pairs } = await temporaryState(directory)
  expect(await collect(pairs.conflicts({ source, target }))).toEqual([
    {
      key: 'a/c',
      noted: new Date(1735787045678),
      message: 'another program changed the destination during the run',
    },
  ])
})

test('archived objects of a state of version 3 are read', async () => {
  const directory = await temporaryDirectory()
  await makeGolden('state-v3.sql', join(directory, 'state.sqlite'))
  const { archives } = await temporaryState(directory)
  expect(await collect(archives.list(target, emptyKey))).toEqual([
    {
      key: 'cold/a',
      size: 7,
      etag: '"c0"',
      version: 'v3',
      storageClass: 'DEEP_ARCHIVE',
      noted: new Date(1735787045678),
      command: 'sync',
      thaw: {
        requested: new Date(1735787046000),
        tier: 'bulk',
        days: 3,
        until: new Date(1736046246000),
      },
    },
    { key: 'cold/b', size: 0, noted: new Date(1735787045679), command: 'cp' },
  ])
})

test.each(['state-v1.sql', 'state-v2.sql', 'state-v3.sql', 'state-v4.sql', 'state-v5.sql'])(
  'rows of %s are read',
  async (golden) => {
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
      attributes: golden === 'state-v5.sql' ? 'xattrs' : undefined,
    })
    const attributes = rows.map((row) => row.attributes)
    expect(attributes).toEqual(
      golden === 'state-v5.sql' ? ['xattrs', undefined, 'all'] : [undefined, undefined, undefined],
    )
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
  },
)
