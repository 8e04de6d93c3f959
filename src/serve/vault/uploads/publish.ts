// The assembled object takes its place.
//
// Where parts are placed, it is completed in the hidden place and then gets its name. A crash in between leaves it there
// whole, and the next completion goes on with it; a crash after that leaves a version that the next one finds.
import { isHawserError } from '../../../core/errors.ts'
import { toKey } from '../../../core/key.ts'
import type { ObjectInfo, PartReceipt } from '../../../core/store.ts'
import { Crc64Nvme } from '../../../kernels/crc64nvme.ts'
import { checkConditions } from '../conditions.ts'
import type { PartRow, UploadRow } from '../ledger/types.ts'
import { look } from '../look.ts'
import { isDirectoryName, isRefusedName, plainKey } from '../places.ts'
import { Publication, type Draft } from '../publication.ts'
import { isObject } from '../resolve.ts'
import type { Bucket, CompleteRequest, ObjectRecord, ObjectVersion } from '../types.ts'
import { sizeOf } from './choice.ts'
import { noSuchUpload, type Desk, type Reception } from './desk.ts'
import { layOut } from './layout.ts'
import { uploadOf } from './receive.ts'
import { crcOf } from './record.ts'

export interface Completion {
  readonly bucket: Bucket
  readonly row: UploadRow
  /** Those of the object, and all that there are. */
  readonly parts: readonly PartRow[]
  readonly arrived: readonly PartRow[]
  readonly record: ObjectRecord
  readonly request: CompleteRequest
}

/** Parts went straight to an upload of the object's own name. */
export async function publishPassed(desk: Desk, completion: Completion): Promise<ObjectVersion> {
  const { context, multipart } = desk
  const { bucket, row, parts, record, request } = completion
  const place = toKey(row.backing.key)
  const plain = place === plainKey(bucket.name, row.key)
  const size = sizeOf(parts)
  const time = context.clock.next()
  const receipts = parts.map((part): PartReceipt => ({
    number: part.number,
    size: part.size,
    etag: part.receipt,
    crc64nvme: undefined,
  }))
  const options = { size, crc64nvme: crcOf(parts), signal: request.signal, ...timed(time) }
  await using publication = new Publication(context, bucket, row.key, request)
  await publication.begin({ size, record, time, place, plain })
  let entry: ObjectInfo
  try {
    entry = await multipart.complete(uploadOf(row.backing), receipts, options)
  } catch (error) {
    return publishedBefore(desk, completion, error)
  }
  return publication.commit(entry)
}

export async function publishPlaced(
  desk: Desk,
  completion: Completion,
  reception: Reception,
): Promise<ObjectVersion> {
  const { context, multipart } = desk
  const { bucket, row, parts, arrived, request } = completion
  const { signal } = request
  const left = await assembledBefore(desk, completion)
  if (left?.kind === 'object') return left
  if (left) return publish(desk, completion, Number(left.modified / 1000n), async () => left)
  checkConditions(request.conditions, await look(context, bucket.name, row.key, request))
  try {
    const layout = await layOut(desk, row, reception, parts, arrived, request)
    try {
      const time = context.clock.next()
      const options = { size: sizeOf(parts), crc64nvme: crcOf(parts), signal, ...timed(time) }
      const complete = (): Promise<ObjectInfo> =>
        multipart.complete(layout.upload, layout.receipts, options)
      return await publish(desk, completion, time, complete)
    } catch (error) {
      if (layout.upload.id !== row.backing.id) await multipart.abort(layout.upload)
      throw error
    }
  } catch (error) {
    return publishedBefore(desk, completion, error)
  }
}

function timed(time: number): { readonly attributes: { readonly mtime: bigint } } {
  return { attributes: { mtime: BigInt(time) * 1000n } }
}

/** At the object's own name; where the Store refuses that, it stays where it was assembled. */
async function publish(
  desk: Desk,
  { bucket, row, parts, record, request }: Completion,
  time: number,
  assemble: () => Promise<ObjectInfo>,
): Promise<ObjectVersion> {
  const { context } = desk
  const { store } = context
  const hidden = toKey(row.backing.key)
  let assembled: ObjectInfo | undefined
  const at = async ({ place, plain }: Pick<Draft, 'place' | 'plain'>): Promise<ObjectVersion> => {
    await using publication = new Publication(context, bucket, row.key, request)
    await publication.begin({ size: sizeOf(parts), record, time, place, plain })
    assembled ??= await assemble()
    const entry = plain
      ? await store.rename?.({ key: hidden }, place, { signal: request.signal })
      : assembled
    return publication.commit(entry ?? assembled)
  }
  if (store.rename && !isDirectoryName(store, row.key)) {
    try {
      return await at({ place: plainKey(bucket.name, row.key), plain: true })
    } catch (error) {
      if (!isRefusedName(error)) throw error
    }
  }
  return at({ place: hidden, plain: false })
}

/**
 * What an earlier completion left: the assembled object, or its version, where that stayed in the hidden place.
 * @throws S3Error NoSuchUpload where it was assembled of other parts: those of this completion are gone
 */
async function assembledBefore(
  { context }: Desk,
  { bucket, row, parts, request }: Completion,
): Promise<ObjectInfo | ObjectVersion | undefined> {
  const { store } = context
  const key = toKey(row.backing.key)
  let info: ObjectInfo
  try {
    info = await store.stat(key, request)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
  const { versions } = await look(context, bucket.name, row.key, request)
  const published = versions.filter(isObject).find(({ place }) => place === key)
  if (published) return published.version
  const crc = new Crc64Nvme()
  for await (const chunk of await store.read(key, { signal: request.signal })) crc.update(chunk)
  if (info.size === sizeOf(parts) && crc.digest() === crcOf(parts)) return info
  throw noSuchUpload(row.id)
}

/** The version of an earlier completion, where the Store's upload is gone because of it. */
async function publishedBefore(
  { context }: Desk,
  { bucket, row, parts, record, request }: Completion,
  error: unknown,
): Promise<ObjectVersion> {
  if (!isNotFound(error)) throw error
  const { versions } = await look(context, bucket.name, row.key, request)
  const size = sizeOf(parts)
  for (const { version } of versions)
    if (version.kind === 'object' && version.size === size && version.record.etag === record.etag)
      return version
  throw noSuchUpload(row.id)
}

function isNotFound(error: unknown): boolean {
  return isHawserError(error) && error.code === 'not-found'
}
