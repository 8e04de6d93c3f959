// Copies: inside the Store where that can be, else from the bytes that are open.
import { isHawserError } from '../../core/errors.ts'
import type { Copy, CopySource } from '../../core/store.ts'
import { replayBody } from '../body/incoming.ts'
import type { ChecksumAlgorithm } from '../body/types.ts'
import type { VaultContext } from './context.ts'
import { look } from './look.ts'
import { matchOf } from './match.ts'
import { isRefusedName } from './places.ts'
import { Publication } from './publication.ts'
import type { OpenStored } from './read.ts'
import { isObject } from './resolve.ts'
import type { CopyTarget, ObjectRecord, ObjectVersion, PutOptions } from './types.ts'
import { atItsPlace, put, refuseEarly, writeOptions } from './write.ts'

/**
 * Without its bytes passing through here, where the Store can copy and every digest is known that the copy will have.
 * What is copied is what was opened, also where it is moved or replaced meanwhile.
 */
export async function copy(
  context: VaultContext,
  from: OpenStored,
  to: CopyTarget,
  options: PutOptions,
): Promise<ObjectVersion> {
  const digests = knownDigests(from, to.checksum)
  const inside = context.store.copy
  if (digests && inside?.accepts(context.store) && from.version.size <= inside.maxSize) {
    try {
      return await copyInside(context, from, to, inside, digests, options)
    } catch (error) {
      // Refused even in the hidden place: the way to the source has become another.
      if (!(error instanceof SourceChanged || isRefusedName(error))) throw error
    }
  }
  const size = from.range.end - from.range.start
  const body = replayBody(from.bytes, size, to.checksum)
  return put(context, to.bucket, to.key, body, to.facts, options)
}

async function copyInside(
  context: VaultContext,
  from: OpenStored,
  to: CopyTarget,
  inside: Copy,
  digests: KnownDigests,
  options: PutOptions,
): Promise<ObjectVersion> {
  const { bucket, key, facts } = to
  const { size } = from.version
  await refuseEarly(context, bucket, key, options)
  return atItsPlace(context, bucket, key, async (place, plain) => {
    const time = context.clock.next()
    await using publication = new Publication(context, bucket, key, options)
    const record = { ...facts, ...digests, parts: undefined, restoration: undefined }
    await publication.begin({ size, record, time, place, plain })
    // Only now: where an object is copied onto itself, its bytes may just have been moved.
    const source = await sourceOf(context, from, options)
    const entry = await inside
      .copy(source, place, writeOptions(time, facts, options))
      .catch((error: unknown) => {
        throw isChange(error) ? new SourceChanged() : error
      })
    return publication.commit(entry)
  })
}

/** It is not where it was, or not what it was. */
class SourceChanged extends Error {}

function isChange(error: unknown): boolean {
  return (
    isHawserError(error) && (error.code === 'precondition-failed' || error.code === 'not-found')
  )
}

/** Pinned: the Store refuses it where it was replaced. @throws SourceChanged */
async function sourceOf(
  context: VaultContext,
  { bucket, version }: OpenStored,
  options: PutOptions,
): Promise<CopySource> {
  const { location } = context.store
  const { versions } = await look(context, bucket.name, version.key, options)
  const stored = versions.filter(isObject).find((each) => each.version.version === version.version)
  if (stored?.version.record.etag !== version.record.etag) throw new SourceChanged()
  try {
    const entry = await context.store.stat(stored.place, options)
    // It may have been replaced between the two looks.
    if (matchOf(context.store, entry) !== stored.match) throw new SourceChanged()
    return { location, key: stored.place, etag: entry.etag }
  } catch (error) {
    throw isChange(error) ? new SourceChanged() : error
  }
}

type KnownDigests = Pick<ObjectRecord, 'etag' | 'checksum'>

/** What a copy's would be; undefined where that takes reading the bytes. */
function knownDigests(
  { version: { size, record }, range }: OpenStored,
  wanted: ChecksumAlgorithm | undefined,
): KnownDigests | undefined {
  const { etag, checksum } = record
  const whole = range.start === 0 && range.end === size
  if (!whole || !/^[0-9a-f]{32}$/.test(etag) || checksum?.type !== 'FULL_OBJECT') return undefined
  return wanted === undefined || wanted === checksum.algorithm ? { etag, checksum } : undefined
}
