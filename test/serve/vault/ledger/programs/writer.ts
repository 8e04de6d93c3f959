// Writes pairs of rows for ever, several at once, and tells its parent which are on the disk.
// No `await using`: Node 22 runs this file as it is.
import { openLedger } from '../../../../../src/serve/vault/ledger/ledger.ts'
import { versionRow } from '../rows.ts'

const ledger = await openLedger(process.argv[2] ?? '')
let last = 0
async function write(): Promise<never> {
  for (;;) {
    const number = ++last
    await ledger.write(
      { do: 'put-version', row: versionRow(`a/${number}`) },
      { do: 'put-version', row: versionRow(`b/${number}`) },
    )
    process.send?.(number)
  }
}
await Promise.all(Array.from({ length: 8 }, write))
