// What the tests of the state share: a directory for each test, and rows.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { openState, type State, type StateOptions } from '../../src/state/state.ts'
import type { Known, PairRow, TreePair } from '../../src/state/types.ts'

export const trees: TreePair = { source: '["file","","/home"]', target: '["s3","","bucket"]' }

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-state-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A state that ends with the test, in a directory of its own unless one is given. */
export async function temporaryState(directory?: string, options?: StateOptions): Promise<State> {
  const state = await openState(directory ?? (await temporaryDirectory()), options)
  onTestFinished(() => state[Symbol.asyncDispose]())
  return state
}

export function row(key: string, known: Partial<Known> = {}): PairRow {
  const object: Known = { size: 1, modified: 1n, etag: undefined, ...known }
  return { key: toKey(key), source: object, target: object, crc64nvme: undefined }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items)
}
