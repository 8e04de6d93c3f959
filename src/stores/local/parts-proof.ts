// What makes an unfinished upload's parts more than claims: their bytes are read again, and an object is only what its
// parts are end to end.
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { checkSignal } from '../../core/signal.ts'
import type { CompleteOptions, PartReceipt } from '../../core/store.ts'
import { combineCrc64Nvme } from '../../kernels/crc64nvme.ts'
import type { OpenFile } from './open-file.ts'
import { recordedBytes, type PartRecord, type PartsFile } from './parts-file.ts'

export function receiptOf({ number, size, crc64nvme }: PartRecord): PartReceipt {
  return { number, size, etag: undefined, crc64nvme }
}

/** Of the parts whose bytes are what was recorded, by number. */
export async function provenReceipts(
  file: OpenFile,
  { records }: PartsFile,
  signal: AbortSignal | undefined,
  details: ErrorDetails,
): Promise<PartReceipt[]> {
  const proven: PartReceipt[] = []
  for (const record of records.values()) {
    checkSignal(signal, details)
    if (await isProven(file, record)) proven.push(receiptOf(record))
  }
  return proven.toSorted((a, b) => a.number - b.number)
}

async function isProven(file: OpenFile, record: PartRecord): Promise<boolean> {
  const bytes = recordedBytes(file, record)
  let next = await bytes.next()
  while (!next.done) next = await bytes.next()
  return next.value
}

/** The size and the CRC of the whole, if the parts are as their receipts say and lie end to end. */
export function checkParts(
  receipts: readonly PartReceipt[],
  { records }: PartsFile,
  expected: Partial<CompleteOptions>,
  details: ErrorDetails,
): { readonly size: number; readonly crc64nvme: bigint } {
  const refuse = (message: string): HawserError => new HawserError('integrity', message, details)
  let size = 0
  let crc = 0n
  for (const receipt of receipts.toSorted((a, b) => a.number - b.number)) {
    const record = records.get(receipt.number)
    const same =
      record?.size === receipt.size &&
      (receipt.crc64nvme === undefined || receipt.crc64nvme === record.crc64nvme)
    if (!record || !same) throw refuse(`part ${receipt.number} is not what its receipt says`)
    if (record.offset !== size)
      throw refuse(`part ${receipt.number} does not begin at byte ${size}`)
    crc = combineCrc64Nvme(crc, record.crc64nvme, record.size)
    size += record.size
  }
  if (expected.size !== undefined && expected.size !== size)
    throw refuse(`the parts have ${size} bytes instead of ${expected.size}`)
  if (expected.crc64nvme !== undefined && expected.crc64nvme !== crc)
    throw refuse('the file does not have the expected CRC64NVME')
  return { size, crc64nvme: crc }
}
