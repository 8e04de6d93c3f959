// What the tests of the ledger share: a directory and a ledger for each test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import type { Ledger } from '../../../../src/serve/vault/ledger/types.ts'

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-ledger-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A ledger that ends with the test, in a directory of its own unless one is given. */
export async function temporaryLedger(directory?: string): Promise<Ledger> {
  const ledger = await openLedger(directory ?? (await temporaryDirectory()))
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return ledger
}
