// Notes what a dry run decides, in the order in which it is to be carried out. It lies on disk until the plan is written.
import { toKey } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import { statOrUndefined } from '../look.ts'
import { type Session, sourceKey } from '../session.ts'
import type { PlannedAction } from './types.ts'
import { actionLine } from './write.ts'

/** Of the spool, in the order in which they are carried out. */
const phases = {
  first: 'plan-first',
  waiting: 'plan-waiting',
  removals: 'plan-removals',
  last: 'plan-last',
} as const

export async function note(session: Session, action: PlannedAction): Promise<void> {
  if (session.notes) await session.spool.push(phaseOf(action), action.name, actionLine(action))
}

function phaseOf(action: PlannedAction): string {
  if (action.do === 'remove' || action.do === 'vacate') return phases.removals
  if (action.do === 'update') return phases.first
  if (action.instead) return phases.last
  return action.do !== 'directory' && action.waits ? phases.waiting : phases.first
}

/**
 * What filters hide, the source may have, and may keep.
 * @param old it is the old name of a renamed file, and goes for nothing else
 */
export async function noteRemoval(
  session: Session,
  name: string,
  target: Entry,
  old: boolean,
): Promise<void> {
  const { notes, filter, from, costs, transfer } = session
  if (!notes) return
  const call = { signal: transfer.signal, meter: costs.asking('source') }
  const key = sourceKey(session, name)
  const source = filter && (await statOrUndefined(from.store, key, call))
  await note(session, { do: 'remove', name: toKey(name), source, target, old })
}

/** How many lines there are. */
export async function countNoted({ spool }: Session): Promise<number> {
  const counts = await Promise.all(Object.values(phases).map((phase) => spool.count(phase)))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Children go before the directories that they are in. */
export async function* notedLines({ spool }: Session): AsyncGenerator<string> {
  for (const phase of Object.values(phases)) {
    const direction = phase === phases.removals ? 'descending' : 'ascending'
    for await (const { payload } of spool.read(phase, direction)) yield payload
  }
}
