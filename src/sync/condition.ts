// What must still be true of the destination when a copy becomes visible: that it is as it was listed. So two programs
// that write to one place notice each other, and nothing is replaced that nobody has looked at.
import { HawserError } from '../core/errors.ts'
import type { Condition, Entry } from '../core/store.ts'
import { statOrUndefined } from './look.ts'
import { type Session, targetKey } from './session.ts'

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
  // On a disk of one's own a look for each file is only worth it to who asks.
  if (!guarded || (to.store.traits.hierarchical && !options.failOnConflict)) return undefined
  if (target && target.etag === undefined) return undefined
  const condition: Condition =
    target?.etag === undefined ? { kind: 'if-absent' } : { kind: 'if-match', etag: target.etag }
  if (to.store.traits.conditions.has(condition.kind)) return condition
  const present = await presentNow(session, name)
  if (present?.etag !== target?.etag)
    throw new HawserError('precondition-failed', 'the object is not as it was listed', {
      op: 'sync',
      location: to.store.location,
      key: targetKey(session, name),
    })
  return undefined
}

/** What the destination has under this name now. */
export async function presentNow(session: Session, name: string): Promise<Entry | undefined> {
  return statOrUndefined(session.to.store, targetKey(session, name), session.transfer)
}
