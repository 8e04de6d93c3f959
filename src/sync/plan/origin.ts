// What a plan says the destination has the bytes of already, under another name.
import type { Entry } from '../../core/store.ts'
import type { PairRow } from '../../state/types.ts'
import { asRecorded } from '../renames/as-recorded.ts'
import { isDeferred } from '../renames/deferred.ts'
import type { Session } from '../session.ts'
import { originDrifted } from './drift.ts'
import type { PlannedOrigin } from './types.ts'

/** As if the state knew it: contents are the proof as ever. */
export function rowOf(planned: PlannedOrigin, { file, modified }: Entry): PairRow {
  const { name, by, size, etag, crc64nvme } = planned
  const inode = by === 'file' ? file?.inode : undefined
  return {
    key: name,
    source: { size, modified, etag: undefined, inode, device: file?.device },
    target: { size, modified: 0n, etag },
    crc64nvme,
  }
}

/**
 * Where what had the bytes is replaced by this run, or was by another one of this plan, they are sent.
 * @throws HawserError conflict where another program changed it: so many bytes were not planned
 */
export async function requireReplaced(
  session: Session,
  name: string,
  planned: PlannedOrigin,
): Promise<void> {
  if (await isDeferred(session, planned.name)) return
  const row = await session.options.state.pairs.get(session.pair, planned.name)
  if (!row || !(await asRecorded(session, row))) throw originDrifted(session, name, planned.name)
}
