import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import { Secret } from '../../src/core/secret.ts'
import type { Totals } from '../../src/core/totals.ts'
import { formatReport, type ReportedRun } from '../../src/cost/report.ts'
import { golden } from './tools.ts'

const predicted: Totals = {
  objects: { copied: 3, updated: 1, removed: 2 },
  bytes: { copied: 20_971_520, sent: 20_971_520, received: 0, inside: 1024, saved: 4096 },
  requests: { list: 2, stat: 4, write: 4, part: 3, copy: 1, remove: 1 },
  cost: {
    requests: 0.1 + 0.2,
    transfer: 0,
    retrieval: 0.01,
    earlyDeletion: 0.002,
    total: 0.1 + 0.2 + 0.012,
    storagePerMonth: -0.000_449_2,
  },
  prices: [{ name: 'Amazon S3, us-east-1', date: '2026-06-20', currency: 'USD' }],
  unpriced: ['SNOW'],
}

const failure = new HawserError('permission-denied', 'access denied', {
  op: 'write',
  location: { scheme: 's3', endpoint: 'https://s3.amazonaws.com', root: 'bucket' },
  key: toKey('data/ä\n.bin'),
  status: 403,
  requestId: 'R1',
  hint: 'Check the rights.',
  cause: new Error('not told'),
})

const run: ReportedRun = {
  command: 'sync',
  from: ['/data'],
  to: 's3://bucket/data/',
  options: { delete: true, jobs: undefined, modifyWindow: 1000n, filter: { rules: ['- *.tmp'] } },
  dryRun: false,
  started: new Date(Date.UTC(2026, 10, 21, 4, 9, 37, 5)),
  ended: new Date(Date.UTC(2026, 10, 21, 4, 12)),
  exitCode: 2,
  predicted: { totals: predicted, milliseconds: 120_000.4 },
  actual: {
    totals: {
      ...predicted,
      objects: { copied: 2, updated: 1, removed: 0 },
      bytes: { ...predicted.bytes, sent: 20_973_001, received: 5120 },
      requests: { list: 2, stat: 4, write: 5, part: 3, copy: 1 },
    },
    milliseconds: 142_995,
  },
  unverified: 0,
  archived: 0,
  failed: 1,
  failures: [failure],
}

interface Read {
  readonly options: unknown
  readonly predicted: Readonly<Record<string, unknown>>
  readonly failed: number
  readonly failures: readonly unknown[]
}

function read(changes: Partial<ReportedRun>): Read {
  const value: Read = JSON.parse(formatReport({ ...run, ...changes }))
  return value
}

test('the format, version 1', async () => {
  const text = formatReport(run)
  expect(JSON.parse(text)).toEqual(JSON.parse(await golden('report-v1.json')))
  expect(text).toMatch(/^\{\n  "format": [^]*\n\}\n$/)
})

test('the report that the documentation shows has the fields of a report', async () => {
  const url = new URL('../../docs/formats/report.md', import.meta.url)
  const [, example = ''] = /^```json\n([^]*?)^```$/m.exec(await readFile(url, 'utf8')) ?? []
  expect(Object.keys(JSON.parse(example))).toEqual(Object.keys(JSON.parse(formatReport(run))))
})

test('a dry run has no actual figures, and what is not known is left out', () => {
  const totals = { ...predicted, cost: undefined }
  const told = read({
    dryRun: true,
    actual: undefined,
    predicted: { totals, milliseconds: undefined },
  })
  expect(told).not.toHaveProperty('actual')
  expect(told.predicted).not.toHaveProperty('cost')
  expect(told.predicted).not.toHaveProperty('milliseconds')
})

test('the first thousand failures', () => {
  const { failed, failures } = read({
    failed: 5000,
    failures: Array.from({ length: 1500 }, () => failure),
  })
  expect(failed).toBe(5000)
  expect(failures).toHaveLength(1000)
})

test('options are plain data, and no secrets', () => {
  const { options } = read({
    options: {
      signal: AbortSignal.abort(),
      onEvent: () => {},
      key: new Secret('hush'),
      list: [1n, new Secret('hush')],
      text: 'a',
    },
  })
  expect(options).toEqual({ list: ['1', null], text: 'a' })
})
