// The state of one directory: opens nothing until it is used.
import { ArchiveTable } from './archives.ts'
import { UploadJournal } from './journal.ts'
import { lockDestination } from './lock.ts'
import { Pairs } from './pairs.ts'
import { Runs } from './runs.ts'
import { SignatureTable } from './signatures.ts'
import { openSpool } from './spool.ts'
import { StateThread } from './thread.ts'
import type { State } from './types.ts'

export type * from './types.ts'

export interface StateOptions {
  /** Told of what the user should know but need not act on: a damaged state was moved aside. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/**
 * The state in a directory, which is made at the first use, for this user alone. Any number of processes may share it.
 * Disposing writes what is buffered and frees what is held.
 * Every method throws HawserError local-io or no-space where the directory cannot be written, invalid-config where a
 * newer Hawser made it.
 */
export function openState(directory: string, options: StateOptions = {}): Promise<State> {
  const thread = new StateThread({ directory, onWarning: options.onWarning })
  const pairs = new Pairs(thread)
  const archives = new ArchiveTable(thread)
  const end = async (): Promise<void> => {
    try {
      // Each to its end, whatever becomes of the other.
      for (const ended of await Promise.allSettled([pairs.end(), archives.end()]))
        if (ended.status === 'rejected') throw ended.reason
    } finally {
      await thread.end()
    }
  }
  let ended: Promise<void> | undefined
  return Promise.resolve({
    pairs,
    journal: new UploadJournal(thread),
    runs: new Runs(thread),
    signatures: new SignatureTable(thread),
    archives,
    spool: () => openSpool(thread),
    lock: (destination) => lockDestination(thread, destination),
    [Symbol.asyncDispose]: () => (ended ??= end()),
  })
}
