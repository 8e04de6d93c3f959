// One run at a time on a destination.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { HawserError } from '../core/errors.ts'
import type { StateThread } from './thread.ts'
import type { RunLock } from './types.ts'
import { toDate, toNumber, toText } from './values.ts'

const sql = {
  hold: 'INSERT OR REPLACE INTO locks (name, pid, host, started) VALUES (?, ?, ?, ?)',
  holder: 'SELECT pid, host, started FROM locks WHERE name = ?',
  free: 'DELETE FROM locks WHERE name = ?',
}

/**
 * The operating system's lock decides, and ends with its process. The table only says who holds it.
 * @throws HawserError conflict
 */
export async function lockDestination(thread: StateThread, destination: string): Promise<RunLock> {
  const name = createHash('sha256').update(destination).digest('hex').slice(0, 32)
  const lock = await thread.call({ do: 'lock', name })
  if (lock === undefined) throw await conflict(thread, name)
  const release = (): Promise<void> => thread.close(lock)
  let holderDied: boolean
  try {
    holderDied = (await thread.read(sql.holder, [name])).length > 0
    const row = [name, process.pid, hostname(), Date.now()]
    await thread.write([{ sql: sql.hold, rows: [row] }])
  } catch (error) {
    await release()
    throw error
  }
  let released: Promise<void> | undefined
  return {
    holderDied,
    [Symbol.asyncDispose]: () =>
      (released ??= thread.write([{ sql: sql.free, rows: [[name]] }]).then(release, release)),
  }
}

async function conflict(thread: StateThread, name: string): Promise<HawserError> {
  const [row] = await thread.read(sql.holder, [name])
  const holder = row
    ? `process ${toNumber(row[0])} on ${toText(row[1])}, since ${toDate(row[2]).toISOString()}`
    : 'one that has just begun'
  return new HawserError('conflict', `another run works on this destination: ${holder}`, {
    op: 'lock',
    retry: 'later',
    hint: 'Wait until that run has ended, or stop it.',
  })
}
