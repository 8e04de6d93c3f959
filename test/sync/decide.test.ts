import { describe, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Entry, Traits } from '../../src/core/store.ts'
import type { PairRow } from '../../src/state/types.ts'
import {
  type Candidate,
  decide,
  isAsRecorded,
  isSameTime,
  knownOf,
  type Rules,
  isSameMode,
  rulesOf,
} from '../../src/sync/decide.ts'
import type { SyncOptions } from '../../src/sync/options.ts'

const bucket: Traits = {
  order: 'key',
  hierarchical: false,
  modified: 'stored',
  conditions: new Set(),
  etagIsMd5: true,
  maxKeyBytes: 1024,
}
const disk: Traits = { ...bucket, hierarchical: true, modified: 'native', etagIsMd5: false }

type Comparison = Omit<SyncOptions, 'state'>
function rules(source: Traits, target: Traits, more: Comparison = {}): Rules {
  return rulesOf(more, source, target)
}

function entry(more: Partial<Entry> = {}): Entry {
  return { key: toKey('a'), kind: 'file', size: 5, modified: 1_000_000n, etag: '"e"', ...more }
}
function file(more: Partial<Entry> = {}): Entry {
  return entry({ file: { device: 1n, inode: 7n, ctime: 50n, mode: 0o100644, links: 1n }, ...more })
}
const directory = (more: Partial<Entry> = {}): Entry =>
  entry({ key: toKey('a/'), kind: 'directory', size: 0, ...more })

function candidate(source?: Entry, target?: Entry, row?: PairRow): Candidate {
  return { name: 'a', source, target, row }
}
function rowOf(source: Entry, target: Entry, attributes?: PairRow['attributes']): PairRow {
  return {
    key: toKey('a'),
    source: knownOf(source),
    target: knownOf(target),
    crc64nvme: undefined,
    attributes,
  }
}

const up = rules(disk, bucket)
const down = rules(bucket, disk)
const across = rules(bucket, bucket)
const disks = rules(disk, disk)
const removing = { delete: true }

test.each<[string, Candidate, Rules, string]>([
  ['only the source has it', candidate(file()), up, 'copy'],
  ['only the destination has it', candidate(undefined, entry()), up, 'nothing'],
  ['the same, with delete', candidate(undefined, entry()), rules(disk, bucket, removing), 'remove'],
  ['only the state has it', candidate(undefined, undefined, rowOf(file(), entry())), up, 'forget'],
  ['another size', candidate(file(), entry({ size: 6 })), up, 'copy'],
  [
    'another size, though recorded',
    candidate(file(), entry({ size: 6 }), rowOf(file(), entry())),
    up,
    'copy',
  ],
  ['the same size, unknown', candidate(file(), entry()), up, 'compare'],
  ['as recorded', candidate(file(), entry(), rowOf(file(), entry())), up, 'same'],
  [
    'as recorded, with checksum',
    candidate(file(), entry(), rowOf(file(), entry())),
    rules(disk, bucket, { checksum: true }),
    'compare',
  ],
  [
    'the source has another time',
    candidate(file({ modified: 2n }), entry(), rowOf(file(), entry())),
    up,
    'compare',
  ],
  [
    'the destination has another etag',
    candidate(file(), entry({ etag: '"f"' }), rowOf(file(), entry())),
    up,
    'compare',
  ],
  ['two files of one time', candidate(file(), file()), disks, 'same'],
  [
    'times that differ by what cannot be set',
    candidate(file(), file({ modified: 1_000_238n })),
    disks,
    'same',
  ],
  ['two files of different times', candidate(file(), file({ modified: 2n })), disks, 'compare'],
  ['two objects of one digest', candidate(entry(), entry()), across, 'same'],
  ['two objects of one time', candidate(entry(), entry({ etag: '"f"' })), across, 'compare'],
  [
    'two objects of one digest, whose times are asked for',
    candidate(entry(), entry()),
    rules(bucket, bucket, { compareMetadata: true }),
    'compare',
  ],
  [
    'two objects of one etag, which is no digest',
    candidate(entry(), entry()),
    rules(bucket, { ...bucket, etagIsMd5: false }),
    'compare',
  ],
  [
    'two objects of one digest, one not as it was recorded',
    candidate(entry(), entry(), rowOf(entry({ etag: '"f"' }), entry())),
    across,
    'compare',
  ],
  ['a file that became a pipe', candidate(file({ kind: 'special' }), entry()), up, 'skip'],
  ['a link', candidate(file({ kind: 'symlink' }), entry()), up, 'skip'],
  [
    'a link, with archive',
    candidate(file({ kind: 'symlink' }), undefined),
    rules(disk, bucket, { archive: true }),
    'copy',
  ],
  [
    'a link where a file of its size and time is',
    candidate(file({ kind: 'symlink' }), file()),
    rules(disk, disk, { archive: true }),
    'copy',
  ],
  [
    'a file where a link of its size and time is',
    candidate(file(), file({ kind: 'symlink' })),
    disks,
    'copy',
  ],
  [
    'another mode, with archive',
    candidate(
      file(),
      file({ file: { device: 1n, inode: 8n, ctime: 5n, mode: 0o100600, links: 1n } }),
    ),
    rules(disk, disk, { archive: true }),
    'compare',
  ],
  [
    'another mode',
    candidate(
      file(),
      file({ file: { device: 1n, inode: 8n, ctime: 5n, mode: 0o100600, links: 1n } }),
    ),
    disks,
    'same',
  ],
])('%s', (_, one, how, expected) => {
  expect(decide(one, how).do).toBe(expected)
})

describe('directories', () => {
  const archive = { archive: true }
  const archiveRemoving = { archive: true, delete: true }
  test.each<[string, Candidate, Rules, string]>([
    ['a marker in a bucket, to disk', candidate(directory()), down, 'copy'],
    ['the same, and it is there', candidate(directory(), directory()), down, 'nothing'],
    [
      'the same, with archive',
      candidate(directory(), directory()),
      rules(bucket, disk, archive),
      'copy',
    ],
    [
      'the same, as recorded',
      candidate(directory(), directory(), rowOf(directory(), directory(), 'all')),
      rules(bucket, disk, archive),
      'same',
    ],
    [
      'the same, as recorded without its attributes',
      candidate(directory(), directory(), rowOf(directory(), directory())),
      rules(bucket, disk, archive),
      'copy',
    ],
    [
      'a directory of a disk, as recorded without extended attributes',
      candidate(directory(), directory(), rowOf(directory(), directory(), 'all')),
      rules(disk, bucket, { ...archive, xattrs: true }),
      'compare',
    ],
    ['a marker, to another bucket', candidate(directory()), across, 'copy'],
    ['a marker that is there', candidate(directory(), directory()), across, 'same'],
    [
      'a marker where bytes are',
      candidate(directory(), entry({ key: toKey('a/') })),
      across,
      'copy',
    ],
    [
      'one too much on disk',
      candidate(undefined, directory()),
      rules(bucket, disk, removing),
      'nothing',
    ],
    [
      'one too much on disk, with archive',
      candidate(undefined, directory()),
      rules(bucket, disk, archiveRemoving),
      'remove',
    ],
    [
      'a marker too much, from disk',
      candidate(undefined, directory()),
      rules(disk, bucket, removing),
      'nothing',
    ],
    [
      'a marker too much, from a bucket',
      candidate(undefined, directory()),
      rules(bucket, bucket, removing),
      'remove',
    ],
  ])('%s', (_, one, how, expected) => {
    expect(decide(one, how).do).toBe(expected)
  })
})

test.each<[recorded: PairRow['attributes'], wanted: Comparison, bytes: 'same' | undefined]>([
  [undefined, {}, undefined],
  ['all', {}, undefined],
  [undefined, { archive: true }, 'same'],
  ['all', { archive: true }, undefined],
  ['xattrs', { archive: true }, undefined],
  ['all', { archive: true, xattrs: true }, 'same'],
  ['xattrs', { archive: true, xattrs: true }, undefined],
])(
  'recorded with %s, and %o is wanted: attributes decide, or nothing',
  (recorded, wanted, bytes) => {
    const both = candidate(file(), entry(), rowOf(file(), entry(), recorded))
    const decision = decide(both, rules(disk, bucket, wanted))
    expect(decision).toMatchObject(bytes ? { do: 'compare', bytes } : { do: 'same' })
  },
)

describe('what was recorded', () => {
  const known = knownOf(file())
  test.each<[string, Entry, boolean]>([
    ['the same file', file(), true],
    [
      'another device number',
      file({ file: { device: 2n, inode: 7n, ctime: 50n, mode: 0, links: 1n } }),
      true,
    ],
    [
      'another inode: two files that were swapped',
      file({ file: { device: 1n, inode: 8n, ctime: 50n, mode: 0, links: 1n } }),
      false,
    ],
    [
      'another ctime',
      file({ file: { device: 1n, inode: 7n, ctime: 51n, mode: 0, links: 1n } }),
      false,
    ],
    ['another mtime', file({ modified: 1_000_001n }), false],
    ['another size', file({ size: 6 }), false],
  ])('of a file: %s', (_, one, expected) => {
    expect(isAsRecorded(one, known)).toBe(expected)
  })

  test.each<[string, Entry, boolean]>([
    ['the same object', entry(), true],
    ['another etag', entry({ etag: '"f"' }), false],
    ['no etag', entry({ etag: undefined }), false],
    ['another time', entry({ modified: 9n }), false],
    ['another size', entry({ size: 6 }), false],
  ])('of an object: %s', (_, one, expected) => {
    expect(isAsRecorded(one, knownOf(entry()))).toBe(expected)
  })

  test('of an object just written, whose time is not known yet', () => {
    const written = { ...knownOf(entry()), modified: 0n }
    expect(isAsRecorded(entry({ modified: 77n }), written)).toBe(true)
    expect(isAsRecorded(entry({ etag: '"f"' }), written)).toBe(false)
  })

  test('without an etag nothing is known of an object', () => {
    const nameless = entry({ etag: undefined })
    expect(isAsRecorded(nameless, knownOf(nameless))).toBe(false)
  })
})

test.each([
  [1_000n, 1_000n, true],
  [1_000n, 1_999n, true],
  [1_999n, 1_000n, true],
  [1_000n, 2_000n, false],
  [2_000n, 1_000n, false],
  [undefined, undefined, true],
  [undefined, 0n, false],
])('%s and %s are one time: %s', (a, b, expected) => {
  expect(isSameTime(a, b)).toBe(expected)
})

test('modes are the same without setuid and setgid, which are not restored', () => {
  expect(isSameMode(0o104755, 0o100755)).toBe(true)
  expect(isSameMode(0o100755, 0o100754)).toBe(false)
  expect(isSameMode(undefined, 0o100644)).toBe(false)
})
