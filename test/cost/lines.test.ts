import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatDuration } from '../../src/cli/report/format.ts'
import type { Cost, Totals } from '../../src/core/totals.ts'
import { estimateLines, money } from '../../src/cost/lines.ts'
import { GB } from './tools.ts'

const wording = { bytes: formatBytes, count: formatCount, duration: formatDuration }
const usd = { name: 'Amazon S3, us-east-1', date: '2026-06-20', currency: 'USD' }

const nothing: Totals = {
  objects: { copied: 0, updated: 0, removed: 0 },
  bytes: { copied: 0, sent: 0, received: 0, inside: 0, saved: 0 },
  requests: {},
  cost: undefined,
  prices: [],
  unpriced: [],
}

function costs(more: Partial<Cost>): Cost {
  const cost = { requests: 0, transfer: 0, retrieval: 0, earlyDeletion: 0, ...more }
  const total = cost.requests + cost.transfer + cost.retrieval + cost.earlyDeletion
  return { storagePerMonth: 0, total, ...cost }
}

function linesOf(more: Partial<Totals>, milliseconds?: number): string[] {
  return estimateLines({ ...nothing, ...more }, milliseconds, wording)
}

test('an upload', () => {
  const bytes = { copied: 1.2 * GB, sent: 1.2 * GB, received: 0, inside: 0, saved: 0 }
  const requests = { list: 2, write: 50, part: 150, stat: 12, read: 0 }
  const cost = costs({ requests: 0.0123 })
  expect(linesOf({ bytes, requests, cost, prices: [usd] }, 184_000)).toEqual([
    'would send 1.20 GiB in 214 requests (200 PUT, 12 HEAD, 2 LIST), about $0.01, about 3 min 4 s',
  ])
})

test('a download that an older file saves most of', () => {
  const bytes = { copied: 2 * GB, sent: 0, received: 0.5 * GB, inside: 0, saved: 1.5 * GB }
  expect(linesOf({ bytes, requests: { stat: 2, read: 62 } })).toEqual([
    'would receive 512 MiB of 2.00 GiB in 64 requests (62 GET, 2 HEAD)',
  ])
  // Other objects were received to be compared.
  expect(linesOf({ bytes: { ...bytes, received: 3 * GB } })).toEqual(['would receive 3.00 GiB'])
})

test('what the price is made of, where that is more than one thing', () => {
  const bytes = { copied: 20_000 * GB, sent: 0, received: 20_000 * GB, inside: 0, saved: 0 }
  const cost = costs({
    requests: 50,
    transfer: 1751.2,
    retrieval: 200,
    storagePerMonth: -23_456.789,
  })
  expect(linesOf({ bytes, requests: { read: 12_345_678 }, cost, prices: [usd] })).toEqual([
    'would receive 19.5 TiB in 12,345,678 requests (12,345,678 GET), about $2,001.20',
    'requests $50.00, transfer $1,751.20, retrieval $200.00, storage -$23,456.79 a month',
  ])
  const early = costs({ requests: 0.001, earlyDeletion: 3, storagePerMonth: 2.3 })
  expect(linesOf({ requests: { remove: 1 }, cost: early, prices: [usd] })).toEqual([
    'would take 1 request (1 DELETE), about $3.00',
    'storage +$2.30 a month',
  ])
})

test('an upload of what changed', () => {
  const bytes = { copied: GB, sent: GB / 4, received: 0, inside: 0, saved: (GB / 4) * 3 }
  expect(linesOf({ bytes, requests: { part: 1, copy: 2 } })).toEqual([
    'would send 256 MiB of 1.00 GiB in 3 requests (2 COPY, 1 PUT)',
  ])
})

test('several ways at once', () => {
  const bytes = { copied: 3 * GB, sent: GB, received: GB, inside: GB, saved: 0 }
  expect(linesOf({ bytes, requests: { read: 1, write: 1, copy: 1 } })).toEqual([
    'would send 1.00 GiB, receive 1.00 GiB, copy 1.00 GiB inside the store in 3 requests (1 GET, 1 PUT, 1 COPY)',
  ])
})

test('from disk to disk', () => {
  const bytes = { copied: GB, sent: 0, received: 0, inside: GB, saved: 0 }
  expect(linesOf({ bytes, requests: {} })).toEqual(['would copy 1.00 GiB'])
})

test('where prices are not known', () => {
  const elsewhere = ['https://minio.example']
  const requests = { list: 1 }
  expect(linesOf({ requests, unpriced: elsewhere }, 0)).toEqual([
    'would take 1 request (1 LIST), prices unknown',
  ])
  const cost = costs({ requests: 1 })
  expect(linesOf({ requests, cost, prices: [usd], unpriced: elsewhere })).toEqual([
    'would take 1 request (1 LIST), about $1.00',
    'without known prices: https://minio.example',
  ])
})

test('nothing, and next to nothing', () => {
  expect(linesOf({})).toEqual([])
  expect(linesOf({ requests: { list: 0 }, cost: costs({}), prices: [usd] }, 0)).toEqual([])
  expect(linesOf({ requests: { list: 1 }, cost: costs({}), prices: [usd] })).toEqual([
    'would take 1 request (1 LIST), $0',
  ])
  const little = { requests: { list: 1 }, cost: costs({ requests: 0.000_005 }), prices: [usd] }
  expect(linesOf(little)).toEqual(['would take 1 request (1 LIST), under $0.01'])
})

test('money', () => {
  expect(money(0, 'USD')).toBe('$0')
  expect(money(0.0049, 'USD')).toBe('under $0.01')
  expect(money(0.005, 'USD')).toBe('$0.01')
  expect(money(999.994, 'EUR')).toBe('EUR 999.99')
  expect(money(999.996, 'USD')).toBe('$1,000.00')
  expect(money(1_234_567_890.5, 'USD')).toBe('$1,234,567,890.50')
})
