// A big object, of which the destination, a file system, has an older state: only what is missing is fetched into a new
// file beside the old one, which gives the rest. Where that cannot be, the object comes whole.
import { type ErrorCode, isHawserError } from '../../core/errors.ts'
import type { Multipart, ObjectInfo, Store } from '../../core/store.ts'
import type { CopyWork } from '../../core/work.ts'
import type { OnProgress, TransferContext } from '../context.ts'
import { describe } from '../description.ts'
import { transferInParts } from '../in-parts.ts'
import { sendParts } from '../multipart.ts'
import type { Transferred } from '../object.ts'
import { changedObject } from '../source.ts'
import { chunkCheck } from './chunk-check.ts'
import type { DeltaContext } from './context.ts'
import { type DownloadPlan, planDownload, type PlannedRebuild } from './plan-download.ts'

/** Whether objects of the source can be rebuilt from files of the target. */
export function canRebuild(source: Store, { multipart, traits }: Store): boolean {
  return !source.traits.hierarchical && traits.hierarchical && multipart?.copyPart !== undefined
}

/** @param planned of the source as it is in the work; it is planned here where undefined */
export async function downloadDelta(
  work: CopyWork,
  context: TransferContext,
  delta: DeltaContext,
  multipart: Multipart,
  onProgress: OnProgress,
  planned?: DownloadPlan,
  seen?: ObjectInfo,
): Promise<Transferred> {
  const { rebuild: given } = planned ?? (await planDownload(work, context, delta, onProgress))
  const rebuilt = given && (await rebuild(work, given, context, multipart, onProgress, seen))
  return rebuilt ?? transferInParts(work, context, multipart, onProgress, seen)
}

/** @returns undefined where the object must come whole; nothing was published then */
async function rebuild(
  work: CopyWork,
  { old, chunks, plan }: PlannedRebuild,
  context: TransferContext,
  multipart: Multipart,
  onProgress: OnProgress,
  seen: ObjectInfo | undefined,
): Promise<Transferred | undefined> {
  const description = await describe(work, context, seen)
  const checked: TransferContext = {
    ...context,
    check: ({ offset }) => chunkCheck(work.from, chunks, offset),
  }
  try {
    return await sendParts(work, checked, multipart, plan, onProgress, description)
  } catch (error) {
    if (changedObject(error) === old) return undefined
    if (isHawserError(error) && unfit.has(error.code)) return undefined
    throw error
  }
}

/** What may be the fault of the signature or of the old file. Where it is not, the whole object meets it again. */
const unfit: ReadonlySet<ErrorCode> = new Set(['integrity', 'not-found', 'permission-denied'])
