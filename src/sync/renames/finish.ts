// Removes what was moved from: exactly the object that was copied, once the copy is there and all else succeeded. Until
// then the state remembers that it is to go.
import { asHawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import type { PairRow } from '../../state/types.ts'
import { forEachConcurrent } from '../../transfer/semaphore.ts'
import { removals } from '../deletes.ts'
import { touchParent } from '../directories.ts'
import { statOrUndefined } from '../look.ts'
import { type Session, sourceKey, targetKey } from '../session.ts'
import { parseEntry } from '../spooled.ts'
import { extraneous, renamed } from './deferred.ts'
import { asRecorded } from './as-recorded.ts'

/** Also what an earlier run did not come to. */
export async function removeMoved(session: Session): Promise<void> {
  const { options, pair, report, renames, jobs, limits, transfer } = session
  if (!renames || report.failed > 0 || limits.refused) return
  const rows = options.state.pairs.moved(pair, { signal: transfer.signal })
  await forEachConcurrent(rows, jobs, async (row) => {
    const { movedFrom } = row
    if (movedFrom === undefined) return
    try {
      await finish(session, row, movedFrom)
    } catch (error) {
      const at = { op: 'rename', location: session.to.store.location }
      if (transfer.signal?.aborted) throw asHawserError(error, at)
      report.fail(error, { ...at, key: targetKey(session, movedFrom) })
    }
  })
}

async function finish(session: Session, row: PairRow, old: Key): Promise<void> {
  const { options, pair, report, costs, spool, from, transfer } = session
  const { movedFrom: _, ...done } = row
  const isBack = await statOrUndefined(from.store, sourceKey(session, old), transfer)
  if (!isBack) {
    // Else a filter keeps it from this run.
    if ((await spool.get(extraneous, old)) === undefined) return
    const there = (await movedNow(session, old)) ?? (await movedBefore(session, row, old))
    if (there) {
      await spool.take(removals, old)
      if (report.dryRun) return
      await removeExactly(session, old, there)
      costs.done.remove(there)
    }
  }
  if (!report.dryRun) await options.state.pairs.put(pair, done)
}

/** What this run has copied. */
async function movedNow(session: Session, old: Key): Promise<Entry | undefined> {
  const payload = await session.spool.get(renamed, old)
  return payload === undefined ? undefined : parseEntry(targetKey(session, old), payload)
}

/** What an earlier run has copied; undefined where that copy is not there any more, or where another object is. */
async function movedBefore(session: Session, row: PairRow, old: Key): Promise<Entry | undefined> {
  const { options, pair, costs } = session
  const oldRow = await options.state.pairs.get(pair, old)
  if (!oldRow || !(await asRecorded(session, row))) return undefined
  const there = await asRecorded(session, oldRow)
  if (there) costs.planned.remove(there)
  return there
}

/** What another program put there stays: it is not what was moved. */
async function removeExactly(session: Session, name: Key, there: Entry): Promise<void> {
  const { options, pair, signatures, transfer } = session
  const { signal, meter } = transfer
  async function* one(): AsyncGenerator<Entry> {
    yield there
  }
  for await (const { error } of signatures.target.removeObjects(one(), { signal, meter })) {
    const isAnother = isHawserError(error) && error.code === 'precondition-failed'
    if (error && !isAnother) throw error
  }
  await options.state.pairs.remove(pair, name)
  await touchParent(session, name)
}
