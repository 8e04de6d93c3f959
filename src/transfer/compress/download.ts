// Gives a file system the file that an object holds in compressed form.
import type { ObjectInfo, Source, Store } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe } from '../description.ts'
import type { Transferred } from '../object.ts'
import { streamedPart } from '../source.ts'
import { type CompressedForm, compressedForm, decoded, within } from './form.ts'

/** Of an object on its way to a file system; undefined for one that goes as it is. */
export function formToDecode(
  info: ObjectInfo,
  { target }: { readonly target: Store },
): CompressedForm | undefined {
  return target.traits.hierarchical ? compressedForm(info) : undefined
}

/** Of more than a buffer holds. */
export async function downloadDecoded(
  work: CopyWork,
  info: ObjectInfo,
  form: CompressedForm,
  context: TransferContext,
  onProgress: OnProgress,
): Promise<Transferred> {
  const { from } = work
  const { lanes, signal } = context
  await lanes.acquire(1, signal)
  try {
    const whole = { number: 1, offset: 0, size: from.size }
    const open = (): AsyncIterable<Uint8Array> =>
      streamedPart(from, whole, context, info.crc64nvme).open({ start: 0, end: from.size })
    const copied = await writeDecoded(work, info, form, open, context)
    onProgress(from.size)
    return copied
  } finally {
    lanes.release()
  }
}

/** @param open the object's own bytes, each time from their beginning */
export async function writeDecoded(
  work: CopyWork,
  info: ObjectInfo,
  form: CompressedForm,
  open: () => AsyncIterable<Uint8Array>,
  context: TransferContext,
): Promise<Transferred> {
  const { from, to, condition } = work
  const { target, signal, meter } = context
  const { size, crc64nvme } = form
  const file: Source = {
    size,
    open(range) {
      const bytes = decoded(open(), form, from)
      return range.end - range.start === size ? bytes : within(bytes, range)
    },
  }
  const description = { ...(await describe(work, context, info)), crc64nvme }
  const written = await target.write(to.key, file, { ...description, condition, signal, meter })
  return { work, info: written, crc64nvme, sent: from.size, saved: 0, verified: true }
}
