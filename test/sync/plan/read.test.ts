import * as fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isHawserError } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import { planText } from '../../../src/sync/plan/file.ts'
import { readHeader, readLine } from '../../../src/sync/plan/read.ts'
import { actionLine, headerLine } from '../../../src/sync/plan/write.ts'
import type { PlanHeader, PlannedAction, SeenState } from '../../../src/sync/plan/types.ts'

const golden = join(import.meta.dirname, '..', '..', 'golden', 'plan-v1.jsonl')
const format = join(import.meta.dirname, '..', '..', '..', 'docs', 'formats', 'plan.md')

const time = 1_795_255_200_000_000_000n
const header: PlanHeader = {
  created: new Date('2026-11-21T10:00:00Z'),
  hawser: '1.0.0',
  from: { address: '/data', endpoint: undefined },
  to: {
    address: 's3://bucket/data/',
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    reserved: 'kept/',
  },
  settings: {
    archive: true,
    delete: true,
    dedupeCopy: false,
    delta: { threshold: 50_000_000, average: undefined, sidecars: true },
    metadata: { team: 'vision' },
    modifyWindow: 2_000_000_000n,
    backupDir: 's3://bucket/kept/',
  },
  selection: { rules: ['- *.tmp'] },
  counts: {
    copied: 2,
    renamed: 1,
    updated: 1,
    removed: 2,
    unchanged: 90,
    skipped: 1,
    archived: 0,
    bytes: 112,
    saved: 100,
  },
  totals: {
    objects: { copied: 2, updated: 1, removed: 2 },
    bytes: { copied: 12, sent: 12, received: 0, inside: 107, saved: 0 },
    requests: { list: 1, write: 2, copy: 2, remove: 1 },
    cost: {
      requests: 0.000021,
      transfer: 0,
      retrieval: 0,
      earlyDeletion: 0,
      total: 0.000021,
      storagePerMonth: 0,
    },
    prices: [{ name: 'Amazon S3, us-east-1', date: '2026-06-20', currency: 'USD' }],
    unpriced: [],
  },
  seen: { source: 95, target: 95 },
  actions: 6,
}

function file(size: number, inode: bigint): SeenState {
  const times = { modified: time, file: { inode, ctime: time + 123_456_789n, mode: 0o100644 } }
  return { kind: 'file', size, etag: undefined, ...times }
}
function object(size: number, etag: string, storageClass = 'STANDARD'): SeenState {
  return { kind: 'file', size, modified: time, etag, storageClass }
}
const hello = '5d41402abc4b2a76b9719d911017c592'
const actions: readonly PlannedAction[] = [
  { do: 'copy', name: toKey('a "b"\n'), source: file(5, 11n), target: undefined },
  { do: 'copy', name: toKey('c'), source: file(7, 12n), target: object(5, hello, 'STANDARD_IA') },
  {
    do: 'update',
    name: toKey('d'),
    source: file(5, 13n),
    target: object(5, hello),
    crc64nvme: 0xae8b14860a799888n,
  },
  {
    do: 'rename',
    name: toKey('new'),
    from: { name: toKey('old'), by: 'file', size: 100, etag: hello, crc64nvme: 255n },
    source: file(100, 14n),
    target: undefined,
    waits: true,
  },
  { do: 'remove', name: toKey('z'), source: undefined, target: object(5, hello) },
  { do: 'remove', name: toKey('old'), source: undefined, target: object(100, hello) },
]

async function* lines(): AsyncGenerator<string> {
  for (const action of actions) yield actionLine(action)
}

test('version 1, as it is described', async () => {
  const text = (await Array.fromAsync(planText(header, lines()))).join('')
  expect(text).toBe(await readFile(golden, 'utf8'))
  expect(await readFile(format, 'utf8')).toContain(`\`\`\`json\n${text}\`\`\`\n`)
})

test('what is written is read', () => {
  const { totals: _totals, selection: _selection, ...read } = header
  expect(readHeader(headerLine(header), 'plan')).toEqual(read)
})

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const text = fc.string({ unit: 'binary', minLength: 1 }).filter((one) => one.isWellFormed())
const name = text.map(toKey)
const nanoseconds = fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n })
const size = fc.nat(Number.MAX_SAFE_INTEGER)
const crc64nvme = maybe(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
const ofFile = fc.record({
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  ctime: nanoseconds,
  mode: fc.nat(0o177777),
})
const state: fc.Arbitrary<SeenState> = fc
  .record({
    kind: fc.constantFrom('file', 'directory', 'symlink', 'special'),
    size,
    modified: nanoseconds,
    etag: maybe(text),
    version: maybe(text),
    storageClass: maybe(text),
    file: maybe(ofFile),
  })
  .map((seen) => (seen.file ? { ...seen, etag: undefined } : seen))
const origin = fc.record({
  name,
  by: fc.constantFrom('file', 'content'),
  size,
  etag: maybe(text),
  crc64nvme,
})
const instead = maybe(fc.constantFrom('file', 'directory'))
const action: fc.Arbitrary<PlannedAction> = fc.oneof(
  fc.record({
    do: fc.constant('copy' as const),
    name,
    source: state,
    target: maybe(state),
    from: maybe(origin),
    instead,
    waits: fc.constantFrom(true, undefined),
  }),
  fc.record({
    do: fc.constant('rename' as const),
    name,
    source: state,
    target: maybe(state),
    from: origin,
  }),
  fc.record({ do: fc.constant('update' as const), name, source: state, target: state, crc64nvme }),
  fc.record({
    do: fc.constant('directory' as const),
    name,
    source: state,
    target: maybe(state),
    instead,
  }),
  fc.record({
    do: fc.constant('remove' as const),
    name,
    source: maybe(state),
    target: state,
    old: maybe(fc.constant(true)),
  }),
  fc.record({ do: fc.constant('vacate' as const), name: name.map((one) => toKey(`${one}/`)) }),
)

test('every action comes back as it was', () => {
  fc.assert(
    fc.property(action, (one) => {
      const line = actionLine(one)
      expect(line).not.toContain('\n')
      expect(readLine(line, 'plan', 2)).toEqual(one)
    }),
  )
})

test('any other line is refused, with its number', () => {
  const broken = fc.oneof(
    fc.json(),
    fc.tuple(action, fc.nat(), fc.string({ maxLength: 3 })).map(([one, at, put]) => {
      const line = actionLine(one)
      return line.slice(0, at % line.length) + put + line.slice((at % line.length) + 1)
    }),
    fc
      .record({ do: fc.string(), name: fc.jsonValue(), source: fc.jsonValue() })
      .map((one) => JSON.stringify(one)),
  )
  fc.assert(
    fc.property(broken, (line) => {
      try {
        // What is read is an action all the same: it is written as it was read.
        const read = readLine(line, 'plan', 7)
        if (read.do !== 'end') expect(readLine(actionLine(read), 'plan', 7)).toEqual(read)
      } catch (error) {
        if (!isHawserError(error)) throw error
        expect(error.code).toBe('invalid-config')
        expect(error.message).toContain('line 7: ')
      }
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['{}', 'invalid-config', 'its first line is not that of a plan'],
  ['[]', 'invalid-config', 'line 1: the file is not an object'],
  ['{"format":"hawser-plan","version":2}', 'unsupported', 'of a version that is not known'],
  ['{"format":"hawser-plan","version":1}', 'invalid-config', 'line 1: created is missing'],
])('a header such as %s', (line, code, message) => {
  const read = (): unknown => readHeader(line, 'plan')
  expect(read).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
})

test.each([
  ['modifyWindow', '1s', 'modifyWindow is not a number of nanoseconds'],
  ['compress', 'lzma', 'compress is none of zstd, gzip'],
  ['delete', 'yes', 'delete is not a boolean'],
  ['delta', true, 'delta is not an object'],
  ['metadata', { a: 1 }, 'metadata.a is not a string'],
])('the option %s: %j', (option, value, message) => {
  const fields: unknown = JSON.parse(headerLine(header))
  const line = JSON.stringify({ ...Object(fields), options: { [option]: value } })
  expect(() => readHeader(line, 'plan')).toThrow(message)
})
