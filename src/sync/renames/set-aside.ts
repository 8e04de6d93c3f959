// What is about to be replaced and another name needs is copied to a key of its own for that time, in a place that is
// kept for such things. A run that is killed leaves it there; the next run on the same destination removes it.
import { createHash } from 'node:crypto'
import { isAbort, isHawserError } from '../../core/errors.ts'
import { joinKey, type Key, toKey } from '../../core/key.ts'
import { placeId } from '../../core/place.ts'
import type { CopyWork } from '../../core/work.ts'
import { copyInside } from '../../transfer/inside.ts'
import { seenAt, type Session } from '../session.ts'
import type { Deferred } from './deferred.ts'
import { asRecorded } from './as-recorded.ts'

/** Of the spool: by inode, what has its contents for now. */
const aside = 'aside'

/** By the file that had the contents before: where they are now; undefined where they were not set aside. */
export interface SetAside {
  /** The one that it had. */
  readonly name: Key
  readonly key: Key
  readonly etag: string | undefined
  readonly crc64nvme: bigint | undefined
}

/** Where nothing can be kept apart, as on a disk, it is not: then the bytes are sent. @returns whether it is */
export async function setAside(session: Session, deferred: Deferred): Promise<boolean> {
  try {
    return await copyAside(session, deferred)
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    return false
  }
}

async function copyAside(session: Session, { name }: Deferred): Promise<boolean> {
  const { to, options, pair, costs, report, spool, transfer } = session
  const row = await options.state.pairs.get(pair, toKey(name))
  const prefix = placeAside(session)
  if (prefix === undefined || row?.source.inode === undefined) return false
  const there = await asRecorded(session, row)
  if (!there) return false
  costs.planned.copyWithin(there)
  costs.planned.remove(there)
  if (report.dryRun) return false
  const key = joinKey(prefix, String(row.source.inode))
  const work: CopyWork = {
    do: 'copy',
    from: { ...seenAt(to, there), version: undefined },
    to: { location: to.store.location, key },
    attributes: 'all',
    condition: undefined,
  }
  const { info } = await copyInside(work, { ...transfer, source: to.store }, () => {})
  await session.signatures.target.copy(there, info)
  costs.done.copyWithin(there)
  const { etag } = info
  const crc64nvme = row.crc64nvme?.toString()
  await spool.push(aside, String(row.source.inode), JSON.stringify({ name, key, etag, crc64nvme }))
  return true
}

export async function findAside({ spool }: Session, inode: bigint): Promise<SetAside | undefined> {
  const payload = await spool.get(aside, String(inode))
  if (payload === undefined) return undefined
  const {
    name,
    key,
    etag,
    crc64nvme,
  }: Record<'name' | 'key', string> & Partial<Record<'etag' | 'crc64nvme', string>> =
    JSON.parse(payload)
  return {
    name: toKey(name),
    key: toKey(key),
    etag,
    crc64nvme: crc64nvme === undefined ? undefined : BigInt(crc64nvme),
  }
}

/** Also what a run that was killed left. What cannot be removed is told, and stays for another run. */
export async function removeSetAside(session: Session): Promise<void> {
  const { to, report, signatures, transfer } = session
  const prefix = placeAside(session)
  if (prefix === undefined || report.dryRun) return
  const { signal, meter } = transfer
  try {
    const entries = to.store.list(prefix, { signal, meter })
    for await (const { error } of signatures.target.removeObjects(entries, { signal, meter }))
      if (error) throw error
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    report.warn(`what was set aside below ${prefix} could not be removed: ${error.message}`)
  }
}

/** Of this destination alone: another run may be at work beside it. */
function placeAside({ to }: Session): Key | undefined {
  const { reserved, hierarchical } = to.store.traits
  if (reserved === undefined || hierarchical) return undefined
  const place = createHash('sha256').update(placeId(to)).digest('hex').slice(0, 32)
  return joinKey(reserved, `aside/${place}/`)
}
