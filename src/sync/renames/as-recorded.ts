// What the destination has of an object, as long as that is what the state says.
import type { ObjectInfo } from '../../core/store.ts'
import type { PairRow } from '../../state/types.ts'
import { statOrUndefined } from '../look.ts'
import { type Session, targetKey } from '../session.ts'

/** Undefined where the destination has something else under the name by now, or nothing. */
export async function asRecorded(session: Session, row: PairRow): Promise<ObjectInfo | undefined> {
  const { to, costs, transfer } = session
  const call = { signal: transfer.signal, meter: costs.asking('target') }
  const there = await statOrUndefined(to.store, targetKey(session, row.key), call)
  const isIt = there?.etag !== undefined && there.etag === row.target.etag
  return isIt && there.size === row.target.size ? there : undefined
}
