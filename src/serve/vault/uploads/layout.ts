// Brings the parts of an object to where they belong in it, end to end, before the Store completes the upload.
//
// Nothing that is known as a part is written over, so that whatever happens the completion can begin again: parts that
// lie elsewhere are copied into place where that is free; else all are copied into a new upload.
import { toKey } from '../../../core/key.ts'
import type { PartReceipt, Source, Upload } from '../../../core/store.ts'
import { S3Error } from '../../errors.ts'
import type { PartRow, UploadRow } from '../ledger/types.ts'
import type { CallOptions } from '../types.ts'
import type { Desk, Reception } from './desk.ts'
import { slotNumber, uploadOf } from './receive.ts'

export interface Layout {
  /** The Store's upload to complete. */
  readonly upload: Upload
  readonly receipts: readonly PartReceipt[]
}

interface Placed {
  readonly part: PartRow
  /** Where it belongs. */
  readonly offset: number
}

/** @param arrived all parts, also those that are not of the object */
export async function layOut(
  desk: Desk,
  row: UploadRow,
  reception: Reception,
  parts: readonly PartRow[],
  arrived: readonly PartRow[],
  options: CallOptions,
): Promise<Layout> {
  let end = 0
  const placed = parts.map((part) => {
    const offset = end
    end += part.size
    return { part, offset }
  })
  // What is being written into the old upload can no longer come between.
  const isFree =
    reception.busy.size === 0 &&
    isRoomFor(placed.filter(isElsewhere), row, arrived) &&
    // The Store cuts off what lies behind the end, and may die or fail before the object is there.
    arrived.every(({ place, offset, size }) => place !== undefined || offset + size <= end)
  return isFree ? inPlace(desk, row, placed, options) : anew(desk, row, placed, options)
}

function isElsewhere({ part, offset }: Placed): boolean {
  return part.place !== undefined || part.offset !== offset
}

function isRoomFor(
  moved: readonly Placed[],
  { stride }: UploadRow,
  arrived: readonly PartRow[],
): boolean {
  if (stride === undefined) return true
  const inSlots = new Map(
    arrived.filter(({ place }) => place === undefined).map((part) => [part.number, part]),
  )
  return moved.every(({ part: { size }, offset }) => {
    for (
      let number = Math.floor(offset / stride) + 1;
      (number - 1) * stride < offset + size;
      number++
    ) {
      const slot = inSlots.get(number)
      if (slot && offset < slot.offset + slot.size) return false
    }
    return true
  })
}

async function inPlace(
  desk: Desk,
  row: UploadRow,
  placed: readonly Placed[],
  options: CallOptions,
): Promise<Layout> {
  const upload = uploadOf(row.backing)
  const receipts: PartReceipt[] = []
  for (const each of placed) {
    const { number, size, crc64nvme } = each.part
    const slot = slotNumber(number)
    if (isElsewhere(each)) receipts.push(await copyPart(desk, row, each, upload, slot + 1, options))
    else receipts.push({ number: slot, size, etag: undefined, crc64nvme })
  }
  return { upload, receipts }
}

async function anew(
  desk: Desk,
  row: UploadRow,
  placed: readonly Placed[],
  options: CallOptions,
): Promise<Layout> {
  const { multipart } = desk
  const key = toKey(row.backing.key)
  // Of an attempt that did not come to its end.
  await abortOthers(desk, row)
  const upload = await multipart.begin(key, options)
  try {
    const receipts: PartReceipt[] = []
    for (const each of placed)
      receipts.push(await copyPart(desk, row, each, upload, each.part.number, options))
    return { upload, receipts }
  } catch (error) {
    await multipart.abort(upload)
    throw error
  }
}

/** The Store's uploads for the same key, but the one that has the parts. */
async function abortOthers({ multipart }: Desk, { backing }: UploadRow): Promise<void> {
  for await (const { key, id } of multipart.uploads(toKey(backing.key)))
    if (key === backing.key && id !== backing.id) await multipart.abort({ key, id })
}

async function copyPart(
  desk: Desk,
  row: UploadRow,
  { part, offset }: Placed,
  upload: Upload,
  number: number,
  { signal }: CallOptions,
): Promise<PartReceipt> {
  const { size, crc64nvme } = part
  const source: Source = { size, open: () => bytesOf(desk, row, part, { signal }) }
  return desk.multipart.part(upload, { number, offset }, source, { signal, crc64nvme })
}

async function* bytesOf(
  { context: { store }, multipart }: Desk,
  { backing }: UploadRow,
  { place, number, offset, size }: PartRow,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  if (place !== undefined) yield* await store.read(toKey(place), options)
  else if (multipart.readPart) {
    const slot = { number: slotNumber(number), offset }
    yield* multipart.readPart(uploadOf(backing), slot, size, options)
  } else throw new S3Error('NotImplemented')
}
