import { expect, test } from 'vitest'
import { JsonReporter } from '../../../src/cli/report/json.ts'
import { jsonLog, textLog } from '../../../src/cli/report/log.ts'
import { entryRecord, infoRecord, jsonLine } from '../../../src/cli/report/records.ts'
import { toKey } from '../../../src/core/key.ts'
import { begin, done, failure, progress, start, summary } from './recorded.ts'

const events = [
  start,
  { type: 'plan', objects: 1, bytes: 5, complete: true },
  begin('a\nb', 5),
  progress('a\nb', 5, 5),
  done('a\nb', 5),
  { type: 'retry', error: failure('k'), attempt: 1, delay: 100 },
  { type: 'warn', message: 'odd', address: undefined },
  { type: 'error', error: failure('k') },
  { type: 'skip', address: 's3://bucket/link', reason: 'a symbolic link' },
  { type: 'summary', summary: summary({ copied: 1 }) },
] as const

test('each event is one line of JSON that says its type', () => {
  const reporter = new JsonReporter()
  const lines = events.map((event) => reporter.event(event, 0))
  for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/)
  const records: unknown[] = lines.map((line) => JSON.parse(line))
  expect(records).toEqual(events.map(({ type }) => expect.objectContaining({ type })))
  expect(records[0]).toEqual({ ...start, version: 1 })
  expect(records[7]).toEqual({
    type: 'error',
    code: 'permission-denied',
    message: 'access denied',
    op: 'write',
    address: 's3://bucket/k',
    key: 'k',
    retry: 'never',
    status: 403,
    requestId: 'R1',
    hint: 'Check the policies.',
  })
})

test('the progress of one object is told five times a second', () => {
  const reporter = new JsonReporter()
  const told = [0, 100, 199, 200, 300].map((now) => reporter.event(progress('a', now, 500), now))
  expect(told.map((line) => line !== '')).toEqual([true, false, false, true, false])
  expect(reporter.event(progress('b', 1, 500), 300)).not.toBe('')
})

test('entries have raw names and exact times', () => {
  const entry = {
    key: toKey('a\u001b\nb'),
    kind: 'file',
    size: 2 ** 40,
    modified: 1_700_000_000_123_456_789n,
    etag: '"x"',
  } as const
  expect(JSON.parse(jsonLine(entryRecord(entry)))).toEqual({
    type: 'entry',
    key: 'a\u001b\nb',
    kind: 'file',
    size: 2 ** 40,
    modified: '2023-11-14T22:13:20.123456789Z',
    etag: '"x"',
  })
  const info = {
    ...entry,
    attributes: { mtime: 1_000_000_000n, mode: 0o100644 },
    metadata: { a: 'b' },
    crc64nvme: 255n,
  }
  expect(infoRecord(info, 's3://bucket/x')).toMatchObject({
    type: 'object',
    address: 's3://bucket/x',
    mtime: '1970-01-01T00:00:01Z',
    mode: '100644',
    crc64nvme: '00000000000000ff',
    metadata: { a: 'b' },
  })
})

test('the log has everything but progress, each line with its time', () => {
  const time = new Date(0)
  const text = events.map((event) => textLog(event, time)).join('')
  expect(text.trimEnd().split('\n')).toEqual([
    '1970-01-01T00:00:00.000Z start sync /data -> s3://bucket/',
    '1970-01-01T00:00:00.000Z plan 1 objects, 5 bytes',
    '1970-01-01T00:00:00.000Z copied s3://bucket/a\\nb (5 B)',
    expect.stringMatching(
      /retry 1 in 100 ms: cannot write s3:\/\/bucket\/k: access denied \| Check the policies\. \| \(status/,
    ),
    '1970-01-01T00:00:00.000Z warning: odd',
    expect.stringMatching(/error: cannot write s3:\/\/bucket\/k: access denied/),
    '1970-01-01T00:00:00.000Z skipped s3://bucket/link: a symbolic link',
    '1970-01-01T00:00:00.000Z copied 1 object (0 B) in 14 s, 0 unchanged, 0 failed',
  ])
  const records: unknown[] = events
    .map((event) => jsonLog(event, time))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  expect(records).toHaveLength(8)
  expect(records[0]).toEqual({ time: '1970-01-01T00:00:00.000Z', version: 1, ...start })
})

test('what was replaced is told as far as it is known', () => {
  const replaced = { etag: '"0cc1"', version: undefined, backup: 's3://bucket/old/a' }
  const event = { ...done('a', 5), version: 'v2', replaced }
  expect(JSON.parse(new JsonReporter().event(event, 0))).toEqual({
    type: 'done',
    action: 'copy',
    address: 's3://bucket/a',
    version: 'v2',
    replaced: { etag: '"0cc1"', backup: 's3://bucket/old/a' },
    size: 5,
    sent: 5,
    saved: 0,
    dryRun: false,
  })
})
