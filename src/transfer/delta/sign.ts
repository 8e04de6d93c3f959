// The signature of an object as it is, from its bytes.
import { HawserError } from '../../core/errors.ts'
import type { ObjectInfo } from '../../core/store.ts'
import type { Signature } from '../../delta/signature/types.ts'
import { chunkSizesFor } from '../../delta/sizes.ts'
import type { SourceContext } from '../context.ts'
import { verifyCrc } from '../verify.ts'
import { scanSource } from './scan-source.ts'

/**
 * Reads the object once.
 * @param wanted the average size of chunks; by default it goes by the object's size
 * @throws HawserError conflict where the object changes meanwhile, integrity where its bytes are not those that the store
 *   recorded, unsupported for what is no file, or whose states cannot be told apart
 */
export async function sign(
  info: ObjectInfo,
  wanted: number | undefined,
  context: SourceContext,
): Promise<Signature> {
  const { key, kind, size, etag, version, modified } = info
  const { location } = context.source
  if (kind !== 'file' || etag === undefined) {
    const why = kind === 'file' ? 'its store gives it no etag' : `a ${kind} has no signature`
    throw new HawserError('unsupported', why, { op: 'signature', location, key })
  }
  const from = { location, key, kind, size, etag, version, modified }
  const { average } = chunkSizesFor(size, { average: wanted })
  const { crc64nvme, chunks } = await scanSource(from, average, context)
  verifyCrc(from, info.crc64nvme, crc64nvme)
  return { average, size, crc64nvme, etag, version, chunks }
}
