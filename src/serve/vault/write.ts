// New objects: from a request's body, or as copies inside.
import type { Key } from '../../core/key.ts'
import type { Copy, CopySource, Source, WriteOptions } from '../../core/store.ts'
import { replayBody } from '../body/incoming.ts'
import type { ChecksumAlgorithm, Digests, IncomingBody } from '../body/types.ts'
import { S3Error } from '../errors.ts'
import { checkConditions } from './conditions.ts'
import type { VaultContext } from './context.ts'
import { free } from './leftovers.ts'
import { look } from './look.ts'
import { matchOf } from './match.ts'
import { isDirectoryName, isRefusedName, newHiddenKey, plainKey } from './places.ts'
import { Publication } from './publication.ts'
import { find, type OpenStored } from './read.ts'
import { isObject } from './resolve.ts'
import type { Bucket, CopyTarget, Facts, ObjectRecord, ObjectVersion, PutOptions } from './types.ts'

/** In bytes: such a body comes in one piece. */
const mostKept = 512 * 1024

export async function put(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  body: IncomingBody,
  facts: Facts,
  options: PutOptions,
): Promise<ObjectVersion> {
  await refuseEarly(context, bucket, key, options)
  const bytes = new ReplayedBytes(body)
  const write = async (place: Key, plain: boolean): Promise<ObjectVersion> => {
    const time = context.clock.next()
    await using publication = new Publication(context, bucket, key, options)
    const source: Source = {
      size: body.size,
      open: () =>
        bytes.open(async () => {
          const record = recordOf(facts, body.digests())
          await publication.begin({ size: body.size, record, time, place, plain })
        }),
    }
    const entry = await context.store.write(place, source, writeOptions(time, facts, options))
    return publication.commit(entry)
  }
  return atItsPlace(context, bucket, key, write)
}

/** A body comes once. A small one is kept, because its place may turn out to be taken when all of it has come. */
class ReplayedBytes {
  readonly #body: IncomingBody
  readonly #kept: Uint8Array[] = []
  #opened = false

  constructor(body: IncomingBody) {
    this.#body = body
  }

  /** @throws S3Error ServiceUnavailable the second time, where it was too large to be kept */
  async *open(whenVerified: () => Promise<void>): AsyncGenerator<Uint8Array> {
    const keeps = this.#body.size <= mostKept
    if (this.#opened && !keeps)
      throw new S3Error('ServiceUnavailable', { message: 'A key came in the way. Try again.' })
    if (this.#opened) {
      await whenVerified()
      yield* this.#kept
      return
    }
    this.#opened = true
    for await (const piece of this.#body.open(whenVerified)) {
      if (keeps) this.#kept.push(piece)
      yield piece
    }
  }
}

/**
 * Without its bytes passing through here, where the Store can copy and every digest is known that the copy will have.
 * @throws S3Error PreconditionFailed where the source is replaced meanwhile
 */
export async function copy(
  context: VaultContext,
  from: OpenStored,
  to: CopyTarget,
  options: PutOptions,
): Promise<ObjectVersion> {
  const digests = knownDigests(from, to.checksum)
  const inside = context.store.copy
  if (digests && inside?.accepts(context.store) && from.version.size <= inside.maxSize)
    return copyInside(context, from, to, inside, digests, options)
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
    return publication.commit(await inside.copy(source, place, writeOptions(time, facts, options)))
  })
}

/** Pinned: the Store refuses it where it was replaced. */
async function sourceOf(
  context: VaultContext,
  { bucket, version }: OpenStored,
  options: PutOptions,
): Promise<CopySource> {
  const { location } = context.store
  const stored = await find(context, bucket, version.key, version.version, options)
  const same = isObject(stored) && stored.version.record.etag === version.record.etag
  if (!same) throw new S3Error('PreconditionFailed')
  const entry = await context.store.stat(stored.place, options)
  // It may have been replaced between the two looks.
  if (matchOf(context.store, entry) !== stored.match) throw new S3Error('PreconditionFailed')
  return { location, key: stored.place, etag: entry.etag }
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

/** At the object's own name; in the hidden place where the Store refuses that name. */
async function atItsPlace(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  write: (place: Key, plain: boolean) => Promise<ObjectVersion>,
): Promise<ObjectVersion> {
  if (!isDirectoryName(context.store, key)) {
    try {
      return await write(plainKey(bucket.name, key), true)
    } catch (error) {
      if (!isRefusedName(error)) throw error
    }
  }
  const place = newHiddenKey()
  await context.ledger.write({ do: 'put-leftover', place })
  try {
    return await write(place, false)
  } catch (error) {
    await free(context, place)
    throw error
  }
}

/** Before a body is read in vain; looked at again when its turn has come. @throws S3Error PreconditionFailed */
async function refuseEarly(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  options: PutOptions,
): Promise<void> {
  const { ifMatch, ifNoneMatch } = options.conditions
  if (ifMatch || ifNoneMatch)
    checkConditions(options.conditions, await look(context, bucket.name, key, options))
}

function recordOf(facts: Facts, { md5, checksum }: Digests): ObjectRecord {
  const { algorithm, value } = checksum
  return {
    ...facts,
    etag: md5,
    checksum: { algorithm, value, type: 'FULL_OBJECT' },
    parts: undefined,
    restoration: undefined,
  }
}

/** What the Store can keep beside the bytes, it gets; the ledger has it in any case. */
function writeOptions(time: number, facts: Facts, { signal }: PutOptions): WriteOptions {
  const { contentType, metadata } = facts
  return { attributes: { mtime: BigInt(time) * 1000n }, contentType, metadata, signal }
}
