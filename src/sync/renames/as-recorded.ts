// What the destination has of an object, as long as that is what the state says.
import { isSameEtag } from '../../core/etag.ts'
import type { ObjectInfo } from '../../core/store.ts'
import type { PairRow } from '../../state/types.ts'
import { withKnownSize } from '../archived-size.ts'
import { statOrUndefined } from '../look.ts'
import { type Session, targetKey } from '../session.ts'

/** Undefined where the destination has something else under the name by now, or nothing. */
export async function asRecorded(session: Session, row: PairRow): Promise<ObjectInfo | undefined> {
  const { to, costs, transfer } = session
  const found = await statOrUndefined(to.store, targetKey(session, row.key), transfer)
  costs.planned.look('target', 1, found?.storageClass)
  const there = found && withKnownSize(found, row.target)
  if (there?.etag === undefined || there.size !== row.target.size) return undefined
  if (isSameEtag(there.etag, row.target.etag)) return there
  // What is thawed may have another ETag than before: Ceph gives it that of one part.
  const isSame = there.crc64nvme !== undefined && there.crc64nvme === row.crc64nvme
  return isSame && to.store.archive?.mayHold(there) ? there : undefined
}
