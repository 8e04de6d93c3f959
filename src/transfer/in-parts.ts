// A big object whose bytes are all sent, in parts of one size.
import type { Multipart, ObjectInfo } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import type { OnProgress, TransferContext } from './context.ts'
import { describe } from './description.ts'
import { sendParts } from './multipart.ts'
import type { Transferred } from './object.ts'
import { evenPlan, partSizeFor } from './parts.ts'
import { written } from './written.ts'

/**
 * @param seen the facts of the source as it was planned, where they are known already
 */
export async function transferInParts(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
  seen?: ObjectInfo,
): Promise<Transferred> {
  const { size } = work.from
  const plan = evenPlan(size, partSizeFor(size, multipart.limits, context.partSize))
  return written(work, context, 'parts', async (to, within) => {
    const description = await describe(to, within, seen)
    return sendParts(to, within, multipart, plan, onProgress, description)
  })
}
