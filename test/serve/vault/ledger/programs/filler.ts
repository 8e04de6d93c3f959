// Writes until the disk is full, makes room, and writes again; tells what happened as JSON.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isHawserError } from '../../../../../src/core/errors.ts'
import { openLedger } from '../../../../../src/serve/vault/ledger/ledger.ts'
import { plainRecord, versionRow } from '../rows.ts'

const directory = process.argv[2] ?? ''
const ballast = join(directory, 'ballast')
writeFileSync(ballast, new Uint8Array(1_000_000))
const ledger = await openLedger(directory)
const record = { ...plainRecord, metadata: { filler: 'x'.repeat(50_000) } }
const failures: string[] = []
let written = 0
while (failures.length === 0) {
  const keys = [`${written}/a`, `${written}/b`]
  const rows = keys.map((key) => versionRow(key, { record }))
  try {
    await ledger.write(...rows.map((row) => ({ do: 'put-version' as const, row })))
    written++
  } catch (error) {
    failures.push(isHawserError(error) ? error.code : String(error))
  }
}
const whole = ledger.scan('bucket', { prefix: '', from: '', limit: 10_000 }).length === 2 * written
rmSync(ballast)
await ledger.write({ do: 'put-version', row: versionRow('again', { record }) })
const again = ledger.versions('bucket', 'again').length
await ledger[Symbol.asyncDispose]()
process.stdout.write(JSON.stringify({ failures, some: written > 5, whole, again }))
