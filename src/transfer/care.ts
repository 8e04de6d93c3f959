// How an object is written that must be proven before what it replaces is given up, and what that takes.
import { md5FromEtag } from '../core/digest.ts'
import { isHawserError } from '../core/errors.ts'
import type { ObjectInfo } from '../core/store.ts'
import type { CopyWork, ObjectRef } from '../core/work.ts'
import type { TransferContext } from './context.ts'
import { partCount } from './parts.ts'
import { probablyConfirms, type Way } from './proofs.ts'

/** `in place`: nothing is lost where it is wrong. `aside`: it takes the place of the old one when it is proven. */
export interface Care {
  readonly how: 'counted on' | 'in place' | 'aside'
  /** What is to be replaced; undefined also where nobody looked. */
  readonly there: ObjectInfo | undefined
}

/** What it takes to prove an object beside what it takes to write it. */
export interface CareCosts {
  readonly size: number
  /** Copied inside the store from where it is aside, and removed there. */
  readonly aside: boolean
  /** How often it is read back, and in how many requests each time; with none its facts are asked for. */
  readonly times: number
  readonly pieces: number
}

/** Looks at what is there, where nothing is known of the service. Tells the context what it will take. */
export async function careFor(work: CopyWork, context: TransferContext, way: Way): Promise<Care> {
  const confirms = context.proofs.confirms(way)
  if (confirms) return { how: 'counted on', there: undefined }
  const there = await whatIsThere(work.to, context)
  const care: Care = { how: howToWrite(work, there, confirms), there }
  const expected = confirms ?? probablyConfirms(context.target, there)
  context.onCare?.(costsOf(care, work, context, way, expected))
  return care
}

/** For who writes nothing: as if it had been written, and the service had confirmed it or not as it probably does. */
export async function foresee(work: CopyWork, context: TransferContext, way: Way): Promise<void> {
  const { proofs, signal } = context
  await proofs.inTurn(way, signal, async () => {
    const { there } = await careFor(work, context, way)
    if (proofs.confirms(way) === undefined)
      proofs.note(way, probablyConfirms(context.target, there))
  })
}

function howToWrite(
  work: CopyWork,
  there: ObjectInfo | undefined,
  confirms: boolean | undefined,
): Care['how'] {
  if (!mayBeUnreadable(work) && (!there || keepsOld(there))) return 'in place'
  // A service that tells the checksum of this one computes them.
  return confirms === undefined && there?.crc64nvme !== undefined ? 'counted on' : 'aside'
}

function costsOf(
  { how, there }: Care,
  { from: { size } }: CopyWork,
  { buffers }: TransferContext,
  way: Way,
  confirms: boolean,
): CareCosts {
  const aside = how === 'aside'
  // Else the etag of the copy is another one, and tells nothing.
  const isDigest = way === 'whole' && md5FromEtag(there?.etag ?? '') !== undefined
  const times = confirms ? 0 : aside && !isDigest ? 2 : 1
  return { size, aside, times, pieces: size === 0 ? 0 : partCount(size, buffers.largest) }
}

/** Whether what is written becomes a version of its own: where versions are suspended, that is one without a name. */
function keepsOld({ version }: ObjectInfo): boolean {
  return version !== undefined && version !== 'null'
}

/** In a class other than the usual one it may have to be restored first. */
function mayBeUnreadable({ properties }: CopyWork): boolean {
  return properties?.storageClass !== undefined
}

async function whatIsThere(
  { key }: ObjectRef,
  { target, signal, meter, asking = meter }: TransferContext,
): Promise<ObjectInfo | undefined> {
  try {
    return await target.stat(key, { signal, meter: asking })
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}
