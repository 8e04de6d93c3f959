// What is kept in mind is what is in the database, whatever changes.
import * as fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import type { Change, Ledger, VersionRow } from '../../../../src/serve/vault/ledger/types.ts'

let directory: string
let ledger: Ledger
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-recent-'))
  ledger = await openLedger(directory)
})
afterAll(async () => {
  await ledger[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const bucket = 'bucket'
const keys = ['a', 'a/b', '\u{1f600}']
const key = fc.constantFrom(...keys)
const sequence = fc.integer({ min: 1, max: 4 })

function rowOf(at: string, number: number, marker: boolean, parts: number): VersionRow {
  return {
    bucket,
    key: at,
    version: `v${number}`,
    sequence: number,
    marker,
    place: undefined,
    match: marker ? '' : `${number}:1`,
    size: number,
    modified: number,
    record: marker
      ? undefined
      : {
          etag: 'x',
          contentType: undefined,
          headers: {},
          metadata: {},
          tags: {},
          storageClass: 'STANDARD',
          checksum: undefined,
          parts: Array.from({ length: parts }, (_, i) => ({ number: i + 1, size: 1 })),
          restoration: undefined,
        },
  }
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .record({ key, sequence, marker: fc.boolean(), parts: fc.constantFrom(1, 101) })
    .map(({ key: at, sequence: number, marker, parts }) => ({
      do: 'put-version' as const,
      row: rowOf(at, number, marker, parts),
    })),
  fc.record({ key, sequence }).map(({ key: at, sequence: number }) => ({
    do: 'remove-version' as const,
    bucket,
    key: at,
    version: `v${number}`,
    sequence: number,
  })),
  fc.constant({ do: 'remove-bucket' as const, name: bucket }),
)
/** Changes that are written at the same time, and a key that is asked for before, meanwhile and afterwards. */
const step = fc.record({ changes: fc.array(change, { maxLength: 3 }), asked: key })

/** Scans read the database each time. */
function stored(at: string): readonly VersionRow[] {
  return ledger.scan(bucket, { prefix: at, from: at, limit: 1000 }).filter((row) => row.key === at)
}

test('as the database has it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      await ledger.write({ do: 'remove-bucket', name: bucket })
      for (const { changes, asked } of steps) {
        ledger.versions(bucket, asked)
        const written = changes.map((one) => ledger.write(one))
        ledger.versions(bucket, asked)
        await Promise.all(written)
        expect(ledger.versions(bucket, asked)).toEqual(stored(asked))
      }
      for (const at of keys) expect(ledger.versions(bucket, at)).toEqual(stored(at))
    }),
    { numRuns: 150 },
  )
})
