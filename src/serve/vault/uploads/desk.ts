// What the operations of uploads share: the ledger's rows, and what is under way in this process.
import type { Multipart, Store } from '../../../core/store.ts'
import { S3Error } from '../../errors.ts'
import type { VaultContext } from '../context.ts'
import type { UploadRow } from '../ledger/types.ts'
import { KeyLocks } from '../locks.ts'
import type { UploadInfo } from '../types.ts'

/** An upload that gets its parts in this process. */
export interface Reception {
  /** See UploadRow; known before it is in the ledger. */
  stride: number | undefined
  /** Numbers of the parts that are being written into the backing upload. */
  readonly busy: Set<number>
  /** It is being completed: nothing more goes into the backing upload. */
  closing: boolean
}

export interface Desk {
  readonly context: VaultContext
  readonly multipart: Multipart
  /** For each upload, one change of its rows at a time. */
  readonly turns: KeyLocks
  readonly receptions: Map<string, Reception>
  /** When uploads were completed, in milliseconds since 1970: the oldest first. */
  readonly completed: Map<string, number>
}

/** Milliseconds for which a completed upload is remembered. */
const memory = 3_600_000

/** @throws S3Error NotImplemented */
export function multipartOf({ multipart }: Store): Multipart {
  if (multipart) return multipart
  throw new S3Error('NotImplemented', { message: 'This store takes no objects in parts.' })
}

/** Parts lie at their offsets in an object of the hidden place, which gets its name at last. */
export function placesParts({ multipart, rename }: Store): boolean {
  return multipart?.readPart !== undefined && rename !== undefined
}

/** @throws S3Error NoSuchUpload where it is unknown, aborted or completed */
export function openRow({ context }: Desk, id: string): UploadRow {
  const row = context.ledger.upload(id)
  if (!row || row.completed) throw noSuchUpload(id)
  return row
}

export function noSuchUpload(id: string): S3Error {
  return new S3Error('NoSuchUpload', { extra: { UploadId: id } })
}

export function infoOf({ id, key, started, facts, checksum }: UploadRow): UploadInfo {
  return { id, key, started, facts, checksum }
}

export function receptionOf({ receptions }: Desk, { id, stride }: UploadRow): Reception {
  const known = receptions.get(id)
  if (known) return known
  const reception = { stride, busy: new Set<number>(), closing: false }
  receptions.set(id, reception)
  return reception
}

/** Milliseconds since 1970. */
export function timeOf({ context }: Desk): number {
  return Math.floor(context.clock.next() / 1000)
}

export function isForgotten(desk: Desk, completed: number): boolean {
  return completed + memory < timeOf(desk)
}

/** Removes the rows of uploads that were completed long ago. */
export async function forgetOld(desk: Desk): Promise<void> {
  const old: string[] = []
  for (const [id, at] of desk.completed) {
    if (!isForgotten(desk, at)) break
    old.push(id)
  }
  for (const id of old) desk.completed.delete(id)
  await desk.context.ledger.write(...old.map((id) => ({ do: 'remove-upload', id }) as const))
}
