// The ledger of one directory: reads in this thread, writes in another, one holder at a time.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { HawserError } from '../../../core/errors.ts'
import { patience } from '../../../state/database.ts'
import { databaseFile } from '../../../state/schema.ts'
import { Connection } from '../../../state/sqlite.ts'
import { StateThread } from '../../../state/thread.ts'
import { toSteps } from './changes.ts'
import { Commits } from './commits.ts'
import { readsOf } from './reader.ts'
import { RecentVersions } from './recent.ts'
import { ledgerSchema } from './schema.ts'
import type { BucketRow, Change, Ledger } from './types.ts'

/**
 * Opens the ledger in a directory, which is made where it is missing, for this user alone. It is held until it is
 * disposed of or the process dies; disposing finishes what is being written.
 * @throws HawserError conflict where another holds it, integrity where it is damaged, invalid-config where a newer
 * Hawser made it, local-io and no-space where the directory cannot be written; reads and writes throw these too
 */
export async function openLedger(directory: string): Promise<Ledger> {
  const place = resolve(directory)
  const thread = new StateThread({ directory: place, schema: ledgerSchema })
  try {
    await hold(thread, place)
    // Before anything is read here, the thread opens the database, makes it, or ends what a dead process left.
    await thread.write([])
    return ledgerOf(
      thread,
      new Connection(databaseFile(place, ledgerSchema), patience, true),
      place,
    )
  } catch (error) {
    await thread.end()
    throw error
  }
}

function ledgerOf(thread: StateThread, reader: Connection, directory: string): Ledger {
  const file = databaseFile(directory, ledgerSchema)
  const opened = identityOf(file)
  const commits = new Commits(async (steps) => {
    // SQLite goes on in a file that nobody will find again.
    if (identityOf(file) !== opened) throw gone(directory)
    await thread.write(steps)
  })
  const end = async (): Promise<void> => {
    await commits.settled()
    // The last connection to close clears the log away, and this one may not write.
    reader.close()
    await thread.end()
  }
  const reads = readsOf(reader, directory)
  // Asked for by every request, and changed by hardly any.
  const buckets = new Map<string, BucketRow>()
  const recent = new RecentVersions()
  let ended: Promise<void> | undefined
  return {
    ...reads,
    bucket(name) {
      const row = buckets.get(name) ?? reads.bucket(name)
      if (row) buckets.set(name, row)
      return row
    },
    versions(bucket, key) {
      let rows = recent.get(bucket, key)
      if (!rows) {
        rows = reads.versions(bucket, key)
        recent.set(bucket, key, rows)
      }
      return rows
    },
    async write(...changes) {
      if (ended)
        throw new HawserError('internal', 'the ledger was used after its end', { op: 'ledger' })
      if (changes.length === 0) return
      try {
        await commits.add(changes.flatMap(toSteps))
      } catch (error) {
        // What a failing disk has taken is not known here.
        recent.clear()
        throw error
      }
      for (const change of changes) recent.apply(change)
      if (changes.some(isOfBucket)) buckets.clear()
    },
    [Symbol.asyncDispose]: () => (ended ??= end()),
  }
}

/** The operating system's lock decides, and ends with its process. */
async function hold(thread: StateThread, directory: string): Promise<void> {
  if ((await thread.call({ do: 'lock', name: 'holder' })) !== undefined) return
  throw new HawserError('conflict', 'another server works here', {
    op: 'ledger',
    location: { scheme: 'file', endpoint: undefined, root: directory },
    hint: `Stop the other server: one at a time can work with the ledger in ${directory}.`,
  })
}

function identityOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino}`
}

function gone(directory: string): HawserError {
  return new HawserError('local-io', 'the ledger is not where it was', {
    op: 'ledger',
    location: { scheme: 'file', endpoint: undefined, root: directory },
    hint: 'Was its directory moved or removed? Put it back, or start the server anew.',
  })
}

function isOfBucket(change: Change): boolean {
  return change.do === 'put-bucket' || change.do === 'remove-bucket'
}
