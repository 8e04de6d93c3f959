// Whether an object's bytes are those of which its store recorded a digest: it is read whole, and nothing is believed.
import { createHash } from 'node:crypto'
import { crc64ToHex } from '../core/digest.ts'
import { isHawserError } from '../core/errors.ts'
import type { Evidence } from '../core/events.ts'
import type { ObjectInfo } from '../core/store.ts'
import { type DigestContext, hasEtag, partSizesOf } from '../transfer/digest.ts'
import { changed, crcOf } from './check-read.ts'
import type { Side } from './evidence.ts'

export interface Audit {
  readonly verdict: 'intact' | 'damaged' | 'unproven'
  readonly by?: Evidence | undefined
  readonly expected?: string | undefined
  readonly found?: string | undefined
  readonly reason?: string | undefined
}

/** Up to here an object and what is recorded of it come in one request. */
const wholeSize = 1024 * 1024

/** @throws HawserError conflict where the object changes meanwhile */
export async function audit(side: Side, context: DigestContext): Promise<Audit> {
  // A disk records nothing.
  if (side.store.traits.modified === 'native') return nothingRecorded
  try {
    const { size } = side.entry
    return size > 0 && size <= Math.min(wholeSize, context.buffers.largest)
      ? await auditWhole(side, context)
      : await auditLarge(side, await side.store.stat(side.seen.key, context), context)
  } catch (error) {
    if (isHawserError(error) && error.code === 'precondition-failed')
      throw changed(side.seen, error)
    throw error
  }
}

const nothingRecorded: Audit = { verdict: 'unproven', reason: 'no digest is recorded' }

async function auditWhole(side: Side, context: DigestContext): Promise<Audit> {
  const { store, seen } = side
  const { buffers, signal, meter } = context
  using buffer = await buffers.acquire(seen.size, signal)
  const { info, length } = await store.readInto(seen.key, buffer.bytes, 0, {
    ifMatch: seen.etag,
    version: seen.version,
    size: seen.size,
    signal,
    meter,
  })
  requireSame(side, info)
  if (length !== seen.size) throw changed(seen)
  if (info.crc64nvme !== undefined)
    return verdict('crc64nvme', crc64ToHex(info.crc64nvme), crc64ToHex(buffer.crc64nvme(length)))
  const { md5 } = info
  if (md5 !== undefined)
    return verdict('md5', md5, createHash('md5').update(buffer.bytes).digest('hex'))
  return auditParts(side, context)
}

async function auditLarge(side: Side, info: ObjectInfo, context: DigestContext): Promise<Audit> {
  const { store, seen } = side
  requireSame(side, info)
  if (info.crc64nvme !== undefined) {
    return verdict('crc64nvme', crc64ToHex(info.crc64nvme), await crcOf(side, context))
  }
  const { md5 } = info
  if (md5 === undefined) return auditParts(side, context)
  const same = await hasEtag(store, seen, md5, [], context)
  return { verdict: same ? 'intact' : 'damaged', by: 'md5', expected: md5 }
}

/** The etag of an object in parts proves it where the part size is found; where it is not, nothing is proven. */
async function auditParts(side: Side, context: DigestContext): Promise<Audit> {
  const { store, seen } = side
  if (!store.traits.etagIsMd5 || !/-\d+"?$/.test(seen.etag ?? '')) return nothingRecorded
  const same = await hasEtag(store, seen, seen.etag ?? '', partSizesOf(store, seen), context)
  if (same) return { verdict: 'intact', by: 'etag' }
  return {
    verdict: 'unproven',
    reason: 'its ETag is one of parts, and was not found with the part sizes that tools use',
  }
}

function verdict(by: Evidence, expected: string, found: string): Audit {
  return { verdict: expected === found ? 'intact' : 'damaged', by, expected, found }
}

function requireSame({ seen }: Side, info: ObjectInfo): void {
  if (info.size !== seen.size || info.etag !== seen.etag) throw changed(seen)
}
