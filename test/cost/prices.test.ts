import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { isHawserError } from '../../src/core/errors.ts'
import { defaultPrices } from '../../src/cost/default-prices.ts'
import { appliesTo, classPrices, parsePrices, type PriceTable } from '../../src/cost/prices.ts'
import { golden } from './tools.ts'

const file = '/etc/prices.json'

/** The smallest table there is, with some of its fields replaced or, where undefined, left out. */
function tableWith(changes: Record<string, unknown> = {}): string {
  const requests = { write: 5, part: 4, copy: 3, read: 2, stat: 1 }
  return JSON.stringify({
    format: 'hawser-prices',
    version: 1,
    name: 'A service',
    date: '2026-01-31',
    currency: 'EUR',
    gigabyte: 1_000_000_000,
    requests: { list: 1, remove: 0, control: 0 },
    transferOut: [{ price: 0.5 }],
    defaultClass: 'HOT',
    classes: { HOT: { storage: 2, requests } },
    ...changes,
  })
}

test('the format, version 1: the table that is built in', async () => {
  expect(parsePrices(await golden('prices-v1.json'), file)).toEqual(defaultPrices)
})

test('the table that the documentation shows', async () => {
  const url = new URL('../../docs/formats/prices.md', import.meta.url)
  const [, example = ''] = /^```json\n([^]*?)^```$/m.exec(await readFile(url, 'utf8')) ?? []
  expect(parsePrices(example, file)).toMatchObject({ name: 'Our store', endpoints: [] })
})

test('what is left out of a table costs nothing, and early deletion as much as storage', () => {
  const table = parsePrices(tableWith(), file)
  expect(table).toMatchObject({ source: undefined, endpoints: [], transferIn: 0 })
  expect(classPrices(table, 'HOT')).toEqual({
    storage: 2,
    requests: { write: 5, part: 4, copy: 3, read: 2, stat: 1 },
    retrieval: 0,
    minimumDays: 0,
    earlyDeletion: 2,
    minimumBytes: 0,
    addedBytes: 0,
    addedDefaultBytes: 0,
    restore: new Map(),
  })
  expect(classPrices(table, undefined)).toBe(classPrices(table, 'HOT'))
  expect(classPrices(table, 'COLD')).toBeUndefined()
})

const requests = { write: 1, part: 1, copy: 1, read: 1, stat: 1 }

test.for<readonly [why: string, changes: Record<string, unknown>]>([
  ['format is not "hawser-prices"', { format: 'prices' }],
  ['it was made for a newer Hawser', { version: 2 }],
  ['version is not 1', { version: 0 }],
  ['version is not a number of zero or more', { version: '1' }],
  ['name is missing', { name: undefined }],
  ['name is not a text', { name: '' }],
  ['date is not a date such as 2026-06-20', { date: '2026-13-01' }],
  ['currency is no code of three letters', { currency: '$' }],
  ['gigabyte is less than a byte', { gigabyte: 0 }],
  ['endpoints is not a list of texts', { endpoints: 'amazonaws.com' }],
  ['retreival is no field that is known', { retreival: 1 }],
  ['requests.list is missing', { requests: { remove: 0, control: 0 } }],
  ['requests.list is not a number of zero or more', { requests: { list: -1 } }],
  ['requests.put is no field', { requests: { list: 0, remove: 0, control: 0, put: 1 } }],
  ['transferOut has no tier', { transferOut: [] }],
  ['transferOut[0] is not an object', { transferOut: [1] }],
  ['transferOut is not of tiers that rise', { transferOut: [{ upTo: 1, price: 1 }] }],
  ['transferOut is not of tiers that rise', { transferOut: [{ price: 1 }, { price: 1 }] }],
  [
    'transferOut is not of tiers that rise',
    { transferOut: [{ upTo: 2, price: 1 }, { upTo: 2, price: 1 }, { price: 1 }] },
  ],
  ['defaultClass is none of the classes', { defaultClass: 'COLD' }],
  ['classes.HOT.storage is missing', { classes: { HOT: { requests } } }],
  ['classes.HOT.minDays is no field', { classes: { HOT: { storage: 1, requests, minDays: 3 } } }],
  [
    'classes.HOT.restore.fast.retrieval is missing',
    { classes: { HOT: { storage: 1, requests, restore: { fast: { request: 1 } } } } },
  ],
])('refuses a table: %s', ([why, changes]) => {
  expectRefused(tableWith(changes), why)
})

test('refuses what is no table at all', () => {
  expectRefused('{', 'this is not JSON')
  expectRefused('[]', 'the file is not an object')
  expectRefused('{}', 'format is missing')
})

function expectRefused(text: string, why: string): void {
  let error: unknown
  try {
    parsePrices(text, file)
  } catch (thrown) {
    error = thrown
  }
  if (!isHawserError(error)) throw new Error('the table was taken', { cause: error })
  expect(error).toMatchObject({ code: 'invalid-config', op: 'prices', address: file })
  expect(error.message).toContain(why)
  expect(error.hint).toContain('prices.md')
}

function at(table: PriceTable, endpoint?: string): boolean {
  return appliesTo(table, { scheme: 's3', endpoint, root: 'bucket' })
}

test('a table is for the services that it names', () => {
  expect(at(defaultPrices, 'https://s3.amazonaws.com')).toBe(true)
  expect(at(defaultPrices, 'https://s3.eu-west-1.amazonaws.com:443')).toBe(true)
  expect(at(defaultPrices, 'https://s3.cn-north-1.amazonaws.com.cn')).toBe(false)
  expect(at(defaultPrices, 'https://notamazonaws.com')).toBe(false)
  expect(at(defaultPrices, 'http://127.0.0.1:9000')).toBe(false)
  const every = parsePrices(tableWith(), file)
  expect(at(every, 'http://127.0.0.1:9000')).toBe(true)
  // A directory charges nothing.
  expect(at(every, undefined)).toBe(false)
})
