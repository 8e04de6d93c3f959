// Parts arrive: each is stored, durable and verified, before the ledger knows it.
//
// Where the Store places parts, those of the size of the first one lie where they will be in the object. A part that
// comes again is stored elsewhere: until it is whole and verified, the one before must stay what it is.
import { randomBytes } from 'node:crypto'
import { isHawserError } from '../../../core/errors.ts'
import { toKey, type Key } from '../../../core/key.ts'
import type { Source, Upload } from '../../../core/store.ts'
import type { IncomingBody } from '../../body/types.ts'
import { S3Error } from '../../errors.ts'
import type { Change, PartRow, UploadRow } from '../ledger/types.ts'
import { partsPlace } from '../places.ts'
import { removeBytes } from '../remove-bytes.ts'
import type { CallOptions, PartInfo } from '../types.ts'
import {
  noSuchUpload,
  openRow,
  placesParts,
  receptionOf,
  timeOf,
  type Desk,
  type Reception,
} from './desk.ts'

/** "Amazon S3 multipart upload limits" in the Amazon S3 User Guide. */
export const maxParts = 10_000
const maxPart: number = 5 * 2 ** 30

/** Where offsets end: file systems have no larger files. */
const reach: number = 2 ** 42

/** Where the bytes of a part are. */
type Stored = Pick<PartRow, 'place' | 'offset' | 'receipt'>

/** Numbers of the Store's parts: copies, made for the completion, come right behind what they are of. */
export function slotNumber(number: number): number {
  return number * 2
}

/** @throws S3Error NoSuchUpload, also where the upload ended meanwhile */
export async function receivePart(
  desk: Desk,
  id: string,
  number: number,
  body: IncomingBody,
  options: CallOptions,
): Promise<PartInfo> {
  const row = openRow(desk, id)
  checkPart(number, body)
  let stored: Stored
  try {
    const source = sourceOf(row, body)
    stored = placesParts(desk.context.store)
      ? await place(desk, row, number, source, options)
      : await passOn(desk, row, number, source, options)
  } catch (error) {
    // The Store's part in it is gone: so is the upload.
    if (isHawserError(error) && !isOpen(desk, id)) throw noSuchUpload(id)
    throw error
  }
  const { md5, checksum, crc64nvme } = body.digests()
  const part: PartRow = {
    upload: id,
    number,
    size: body.size,
    etag: md5,
    checksum: row.checksum && checksum.value,
    crc64nvme,
    modified: timeOf(desk),
    ...stored,
  }
  await desk.turns.alone(id, '', async () => keep(desk, part))
  return infoOfPart(part)
}

export function infoOfPart({ number, size, checksum, etag, modified }: PartRow): PartInfo {
  return { number, size, checksum, etag, modified }
}

function checkPart(number: number, { size }: IncomingBody): void {
  if (!Number.isInteger(number) || number < 1 || number > maxParts)
    throw new S3Error('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${maxParts}, inclusive.`,
    })
  if (size > maxPart)
    throw new S3Error('EntityTooLarge', {
      extra: { ProposedSize: String(size), MaxSizeAllowed: String(maxPart) },
    })
}

function isOpen({ context }: Desk, id: string): boolean {
  const row = context.ledger.upload(id)
  return row !== undefined && !row.completed
}

function sourceOf({ checksum }: UploadRow, body: IncomingBody): Source {
  let opened = false
  const judge = async (): Promise<void> => {
    const given = body.digests().checksum.algorithm
    if (checksum && checksum.algorithm !== given)
      throw new S3Error('InvalidRequest', {
        message: `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${given.toLowerCase()}`,
      })
  }
  return {
    size: body.size,
    open() {
      if (opened) throw new S3Error('ServiceUnavailable', { message: 'A body comes only once.' })
      opened = true
      return body.open(judge)
    },
  }
}

async function passOn(
  { multipart }: Desk,
  { backing }: UploadRow,
  number: number,
  source: Source,
  { signal }: CallOptions,
): Promise<Stored> {
  const slot = { number, offset: 0 }
  const { etag } = await multipart.part(uploadOf(backing), slot, source, { signal, durable: true })
  return { place: undefined, offset: 0, receipt: etag }
}

async function place(
  desk: Desk,
  row: UploadRow,
  number: number,
  source: Source,
  { signal }: CallOptions,
): Promise<Stored> {
  const { context, multipart } = desk
  const reception = receptionOf(desk, row)
  const offset = slotFor(desk, row.id, reception, number, source.size)
  if (offset === undefined) {
    const key = newPartKey(row.id, number)
    await context.store.write(key, source, { signal })
    return { place: key, offset: 0, receipt: undefined }
  }
  reception.busy.add(number)
  try {
    const slot = { number: slotNumber(number), offset }
    await multipart.part(uploadOf(row.backing), slot, source, { signal, durable: true })
  } finally {
    reception.busy.delete(number)
  }
  return { place: undefined, offset, receipt: undefined }
}

/** Undefined where the part is to be an object of its own. */
function slotFor(
  { context }: Desk,
  id: string,
  reception: Reception,
  number: number,
  size: number,
): number | undefined {
  if (size === 0 || reception.closing) return undefined
  reception.stride ??= size
  const offset = (number - 1) * reception.stride
  const fits = size <= reception.stride && offset + size <= reach
  if (!fits || reception.busy.has(number)) return undefined
  const known = context.ledger.part(id, number)
  return known && known.place === undefined ? undefined : offset
}

function newPartKey(id: string, number: number): Key {
  return toKey(`${partsPlace(id)}${number}-${randomBytes(8).toString('hex')}`)
}

/** The part counts from here on, and the one that it replaces no longer does. */
async function keep(desk: Desk, part: PartRow): Promise<void> {
  const { ledger, store } = desk.context
  const row = ledger.upload(part.upload)
  if (!row || row.completed) {
    if (part.place !== undefined) await removeBytes(store, toKey(part.place))
    throw noSuchUpload(part.upload)
  }
  const changes: Change[] = [{ do: 'put-part', row: part }]
  const stride = desk.receptions.get(row.id)?.stride
  if (row.stride !== stride && stride !== undefined)
    changes.push({ do: 'put-upload', row: { ...row, stride } })
  const before = ledger.part(part.upload, part.number)
  await ledger.write(...changes)
  if (before?.place !== undefined) await removeBytes(store, toKey(before.place))
}

export function uploadOf({ key, id }: UploadRow['backing']): Upload {
  return { key: toKey(key), id }
}
