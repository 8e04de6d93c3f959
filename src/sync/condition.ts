// What must still be true of the destination when a copy becomes visible: that it is as it was listed. So two programs
// that write to one place notice each other, and nothing is replaced that nobody has looked at.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type { Condition, Entry } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import { statOrUndefined } from './look.ts'
import { type Session, targetKey } from './session.ts'
import { isSpelledSo } from './spelling.ts'

/**
 * The condition for the store to hold. Where it holds none of that kind, a look before narrows the gap.
 * @param target as it was listed
 * @throws HawserError precondition-failed when it is known not to hold
 */
export async function conditionOn(
  session: Session,
  name: string,
  target: Entry | undefined,
): Promise<Condition | undefined> {
  const { to, guarded, options } = session
  if (!guarded) return conditionOnName(session, targetKey(session, name), undefined)
  // On a disk of one's own a look for each file is only worth it to who asks.
  if (target && to.store.traits.hierarchical && !options.failOnConflict) return undefined
  if (target && target.etag === undefined) return undefined
  const condition: Condition =
    target?.etag === undefined ? { kind: 'if-absent' } : { kind: 'if-match', etag: target.etag }
  if (to.store.traits.conditions.has(condition.kind)) return condition
  const present = await presentNow(session, name)
  if (present?.etag !== target?.etag)
    throw notAsListed({ location: to.store.location, key: targetKey(session, name) })
  return undefined
}

export function notAsListed(at: ObjectRef): HawserError {
  return new HawserError('precondition-failed', 'the object is not as it was listed', {
    op: 'sync',
    ...at,
  })
}

/**
 * Where a copy replaces whatever is there: that this is what has the very name. Where a file system takes two names for
 * one, the second would replace the first, which this run may have put there.
 * @param source of a move in one store
 * @throws HawserError conflict
 */
export async function conditionOnName(
  { to, transfer, report }: Session,
  key: Key,
  source: Entry | undefined,
): Promise<Condition | undefined> {
  const { store } = to
  if (!store.traits.hierarchical || report.dryRun) return undefined
  const present = await statOrUndefined(store, key, transfer)
  if (!present) return { kind: 'if-absent' }
  // A file that is to have its own name in another case.
  const isItself = source?.etag !== undefined && source.etag === present.etag
  if (!isItself && !(await isSpelledSo(to, key, transfer)))
    throw nameTaken({ location: store.location, key })
  return undefined
}

export function nameTaken(at: ObjectRef, cause?: unknown): HawserError {
  return new HawserError('conflict', 'another file has this name by now', {
    op: 'write',
    ...at,
    hint: 'Another program wrote it, or the file system takes two names for one, as where case does not count: rename one.',
    cause,
  })
}

/** What the destination has under this name now. */
export async function presentNow(session: Session, name: string): Promise<Entry | undefined> {
  return statOrUndefined(session.to.store, targetKey(session, name), session.transfer)
}
