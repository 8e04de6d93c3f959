// Writes a part at its offset, and records it once it is whole.
import type { ErrorDetails } from '../../core/errors.ts'
import { bodySize } from '../../core/body.ts'
import type {
  Body,
  CopySource,
  PartOptions,
  PartReceipt,
  PartSlot,
  Range,
  Source,
} from '../../core/store.ts'
import { sparing } from './clone.ts'
import type { Disk } from './disk.ts'
import { appendPart } from './parts-file.ts'
import { receiptOf } from './parts-proof.ts'
import { readFile } from './read.ts'
import type { OpenUpload } from './upload-files.ts'
import { fill } from './write.ts'

/** Recorded before a part is written again: what is there until it is whole is nothing. */
const nothing = { size: 0, crc64nvme: 1n }

export async function writePart(
  { target, partsPath, known, file }: OpenUpload,
  { number, offset }: PartSlot,
  body: Body,
  options: PartOptions,
  details: ErrorDetails,
  into: Pick<OpenUpload['file'], 'write'> = file,
): Promise<PartReceipt> {
  if (known.records.has(number)) await appendPart(partsPath, { number, offset, ...nothing })
  const crc64nvme = (await fill(into, offset, body, options, true, details)) ?? 0n
  const durable = options.durable === true && target.disk.durable
  if (durable) await file.datasync()
  const record = { number, offset, size: bodySize(body), crc64nvme }
  await appendPart(partsPath, record, durable)
  return receiptOf(record)
}

/** A range of another file; of what a clone has at the same place already, nothing is written. */
export async function copyIntoPart(
  open: OpenUpload,
  slot: PartSlot,
  disk: Disk,
  from: CopySource,
  range: Range,
  options: PartOptions,
  details: ErrorDetails,
): Promise<PartReceipt> {
  const mayBeThere = open.known.cloned && range.start === slot.offset
  const into = mayBeThere ? sparing(open.file) : open.file
  return writePart(open, slot, rangeOf(disk, from, range, options), options, details, into)
}

/** To be read in order: each chunk is written before the next one is read, and the first is the longest. */
function rangeOf(
  disk: Disk,
  { key, etag }: CopySource,
  { start, end }: Range,
  { signal }: PartOptions,
): Source {
  return {
    size: end - start,
    async *open(range) {
      let room: Uint8Array | undefined
      const buffer = (length: number): Uint8Array =>
        (room ??= Buffer.allocUnsafeSlow(length)).subarray(0, length)
      const wanted = { start: start + range.start, end: start + range.end }
      yield* await readFile(disk, key, { range: wanted, ifMatch: etag, buffer, signal })
    },
  }
}
