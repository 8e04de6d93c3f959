// Listings of random rows, compared with a model that is slow and plain.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys } from '../../../../src/core/key.ts'
import type { Change, UploadRow, VersionRow } from '../../../../src/serve/vault/ledger/types.ts'
import { temporaryLedger } from './fixtures.ts'
import { uploadRow, versionRow } from './rows.ts'

const pieces = ['a', 'b', '/', '\0', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}']
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 3 }).map((some) => some.join(''))
const range = fc.record({ prefix: text, from: text, limit: fc.integer({ min: 1, max: 8 }) })

const row = fc.record({
  key: text,
  sequence: fc.integer({ min: 1, max: 3 }),
  marker: fc.boolean(),
  place: fc.option(fc.constant('there'), { nil: undefined }),
  remove: fc.boolean(),
})

test('scan, hiddenKeys and versionsOf', async () => {
  const ledger = await temporaryLedger()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.array(range, { minLength: 1, maxLength: 10 }),
      async (rows, ranges) => {
        const bucket = `bucket-${++runs}`
        const model = new Map<string, VersionRow>()
        const changes = rows.map(({ remove, key, marker, ...rest }): Change => {
          const version = `v${rest.sequence}`
          const name = JSON.stringify([key, version])
          if (remove) {
            model.delete(name)
            return { do: 'remove-version', bucket, key, version, sequence: rest.sequence }
          }
          const given = versionRow(key, { ...rest, bucket, version, marker })
          const kept = marker ? { ...given, record: undefined } : given
          model.set(name, kept)
          return { do: 'put-version', row: kept }
        })
        await ledger.write(...changes)
        const all = [...model.values()].toSorted(
          (a, b) => compareKeys(a.key, b.key) || b.sequence - a.sequence,
        )
        for (const { prefix, from, limit } of ranges) {
          const within = all.filter(
            ({ key }) => key.startsWith(prefix) && compareKeys(key, from) >= 0,
          )
          const hidden = within.filter(({ marker, place }) => marker || place !== undefined)
          const keys = [...new Set(hidden.map(({ key }) => key))]
          expect(ledger.scan(bucket, { prefix, from, limit })).toEqual(within.slice(0, limit))
          expect(ledger.hiddenKeys(bucket, { prefix, from, limit })).toEqual(keys.slice(0, limit))
        }
        const found = ledger.versionsOf(bucket, [...new Set(rows.map(({ key }) => key))])
        expect([...found].flatMap(([, some]) => some)).toEqual(all)
      },
    ),
    { numRuns: 100 },
  )
})

const upload = fc.record({
  key: text,
  started: fc.integer({ min: 1, max: 3 }),
  completed: fc.option(fc.constant({ version: 'null', parts: '', at: 1 }), {
    nil: undefined,
    freq: 4,
  }),
})
const uploadRange = fc.record({
  prefix: text,
  from: fc.option(
    fc.record({
      key: text,
      started: fc.integer({ min: 1, max: 3 }),
      id: fc.constantFrom('', '00', '05', 'z'),
    }),
    { nil: undefined },
  ),
  limit: fc.integer({ min: 1, max: 8 }),
})

test('uploads', async () => {
  const ledger = await temporaryLedger()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(upload, { maxLength: 20 }),
      fc.array(uploadRange, { minLength: 1, maxLength: 10 }),
      async (some, ranges) => {
        const bucket = `bucket-${++runs}`
        const rows = some.map((each, i) =>
          uploadRow(`${i}`.padStart(2, '0') + bucket, { ...each, bucket }),
        )
        await ledger.write(...rows.map((each) => ({ do: 'put-upload' as const, row: each })))
        const all = rows.filter(({ completed }) => completed === undefined).toSorted(order)
        for (const { prefix, from, limit } of ranges) {
          const within = all.filter(
            (each) => each.key.startsWith(prefix) && (!from || order(each, from) >= 0),
          )
          expect(ledger.uploads(bucket, { prefix, from, limit })).toEqual(within.slice(0, limit))
        }
      },
    ),
    { numRuns: 50 },
  )
})

type Position = Pick<UploadRow, 'key' | 'started' | 'id'>
function order(a: Position, b: Position): number {
  return compareKeys(a.key, b.key) || a.started - b.started || compareKeys(a.id, b.id)
}
