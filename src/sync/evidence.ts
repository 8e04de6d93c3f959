// Whether two objects of one size hold the same bytes, found out at the least cost: what the state recorded, then the
// digests that a store keeps, then reading. Nothing is read over the network for it but an object's head.
import { crc64nvmeOf, type DigestContext, hasEtag, partSizesOf } from '../transfer/digest.ts'
import { isSameEtag } from '../core/etag.ts'
import { type ErrorCode, isHawserError } from '../core/errors.ts'
import type { Meter } from '../core/meter.ts'
import type { Entry, Store } from '../core/store.ts'
import type { PairRow } from '../state/types.ts'
import type { SeenObject } from '../core/work.ts'

export interface Side {
  readonly store: Store
  readonly seen: SeenObject
  readonly entry: Entry
  /** For what is asked of this store, where another one than the context's. */
  readonly meter?: Meter | undefined
}

export interface Verdict {
  readonly same: boolean
  /** Where it was computed on the way. */
  readonly crc64nvme: bigint | undefined
}

/** To copy a smaller object takes no longer than to ask for what is known of it. */
const worthAsking = 128 * 1024

/** @returns `same: false` also where nothing can be proven: then the object is copied */
export async function compareContents(
  source: Side,
  target: Side,
  row: PairRow | undefined,
  context: DigestContext,
): Promise<Verdict> {
  try {
    return await compareSeen(source, target, row, context)
  } catch (error) {
    // One of them changed since it was listed, or is gone: the copy looks at it anew.
    if (isHawserError(error) && isOther.has(error.code))
      return { same: false, crc64nvme: undefined }
    throw error
  }
}

const isOther: ReadonlySet<ErrorCode> = new Set(['precondition-failed', 'not-found'])

async function compareSeen(
  source: Side,
  target: Side,
  row: PairRow | undefined,
  context: DigestContext,
): Promise<Verdict> {
  const sourceLocal = source.store.traits.modified === 'native'
  const targetLocal = target.store.traits.modified === 'native'
  if (sourceLocal && targetLocal) {
    const crc64nvme = await crc64nvmeOf(source.store, source.seen, context)
    return {
      same: crc64nvme === (await crc64nvmeOf(target.store, target.seen, context)),
      crc64nvme,
    }
  }
  if (sourceLocal)
    return (
      (await compareWithRow(source, target, row, context)) ??
      compareWithStore(source, target, context)
    )
  if (targetLocal)
    return (
      (await compareWithRow(target, source, row, context)) ??
      compareWithStore(target, source, context)
    )
  return { same: haveEqualEtags(source, target), crc64nvme: undefined }
}

/** The remote object is the one recorded: then the local bytes need only have the digest recorded. */
async function compareWithRow(
  local: Side,
  remote: Side,
  row: PairRow | undefined,
  context: DigestContext,
): Promise<Verdict | undefined> {
  if (row?.crc64nvme === undefined) return undefined
  const known = [row.source, row.target].find(({ etag }) => isSameEtag(etag, remote.entry.etag))
  if (!known || known.size !== remote.entry.size) return undefined
  const crc64nvme = await crc64nvmeOf(local.store, local.seen, context)
  return { same: crc64nvme === row.crc64nvme, crc64nvme }
}

/** The etag in the listing where it is an MD5; else, for one request, the CRC64NVME that the store keeps. */
async function compareWithStore(
  local: Side,
  remote: Side,
  context: DigestContext,
): Promise<Verdict> {
  const { etag } = remote.entry
  if (etag !== undefined && remote.store.traits.etagIsMd5) {
    const matches = await hasEtag(
      local.store,
      local.seen,
      etag,
      partSizesOf(remote.store, remote.seen),
      context,
    )
    if (matches) return { same: true, crc64nvme: undefined }
  }
  if (remote.entry.size < worthAsking) return { same: false, crc64nvme: undefined }
  const { signal, meter } = { ...context, ...(remote.meter && { meter: remote.meter }) }
  const info = await remote.store.stat(remote.seen.key, { signal, meter })
  if (info.crc64nvme === undefined || info.etag !== etag)
    return { same: false, crc64nvme: undefined }
  const crc64nvme = await crc64nvmeOf(local.store, local.seen, context)
  return { same: crc64nvme === info.crc64nvme, crc64nvme }
}

function haveEqualEtags(source: Side, target: Side): boolean {
  const bothMd5 = source.store.traits.etagIsMd5 && target.store.traits.etagIsMd5
  return bothMd5 && isSameEtag(source.entry.etag, target.entry.etag)
}
