// New objects, from a body.
import type { Key } from '../../core/key.ts'
import type { Source, WriteOptions } from '../../core/store.ts'
import type { Digests, IncomingBody } from '../body/types.ts'
import { S3Error } from '../errors.ts'
import { checkConditions } from './conditions.ts'
import type { VaultContext } from './context.ts'
import { free } from './leftovers.ts'
import { look } from './look.ts'
import { isDirectoryName, isRefusedName, newHiddenKey, plainKey } from './places.ts'
import { Publication } from './publication.ts'
import type { Bucket, Facts, ObjectRecord, ObjectVersion, PutOptions } from './types.ts'

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

/** At the object's own name; in the hidden place where the Store refuses that name. */
export async function atItsPlace(
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
export async function refuseEarly(
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
export function writeOptions(time: number, facts: Facts, { signal }: PutOptions): WriteOptions {
  const { contentType, metadata } = facts
  return { attributes: { mtime: BigInt(time) * 1000n }, contentType, metadata, signal }
}
