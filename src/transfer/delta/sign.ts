// The signature of an object as it is, from its bytes.
import { HawserError } from '../../core/errors.ts'
import type { ObjectInfo, Store } from '../../core/store.ts'
import type { Signature } from '../../delta/signature/types.ts'
import { chunkSizesFor } from '../../delta/sizes.ts'
import type { SourceContext } from '../context.ts'
import { verifyCrc } from '../verify.ts'
import { scanSource } from './scan-source.ts'

/**
 * Reads the object once.
 * @param wanted the average size of chunks; by default it goes by the object's size
 * @throws HawserError conflict where the object changes meanwhile, integrity where its bytes are not those that the store
 *   recorded, unsupported where its states cannot be told apart
 */
export async function sign(
  info: ObjectInfo,
  wanted: number | undefined,
  context: SourceContext,
): Promise<Signature> {
  const { key, kind, size, etag, version, modified } = info
  const from = { location: context.source.location, key, kind, size, etag, version, modified }
  if (etag === undefined) throw without(context.source, info)
  const { average } = chunkSizesFor(size, { average: wanted })
  const { crc64nvme, chunks } = await scanSource(from, average, context)
  verifyCrc(from, info.crc64nvme, crc64nvme)
  return { average, size, crc64nvme, etag, version, chunks }
}

function without({ location }: Store, { key }: ObjectInfo): HawserError {
  return new HawserError('unsupported', 'its store gives it no etag', {
    op: 'signature',
    location,
    key,
  })
}
