// Uploads that were begun and neither completed nor aborted: which there are, and their removal.
import { asHawserError, HawserError, isHawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, Multipart, UnfinishedUpload } from '../core/store.ts'
import type { Journal, JournalEntry } from '../state/types.ts'
import { inOrder } from './in-order.ts'
import { defaultJobs } from './options.ts'

export interface UploadsOptions extends CallOptions {
  /** Not only those of the place's own name, but all below it. */
  readonly recursive: boolean
  /** Only those that began before it: not those of which the store does not tell when. */
  readonly before?: Date | undefined
}

export interface AbortOptions extends UploadsOptions {
  /** What this machine knows of uploads: forgotten with them. */
  readonly journal: Journal
  readonly dryRun?: boolean | undefined
  readonly jobs?: number | undefined
}

export interface AbortedUpload {
  readonly upload: UnfinishedUpload
  /** Why it is still there. */
  readonly error: HawserError | undefined
}

/** @throws HawserError unsupported where the store takes no parts */
export async function* unfinishedUploads(
  place: Place,
  { recursive, before, signal, meter }: UploadsOptions,
): AsyncGenerator<UnfinishedUpload> {
  const { prefix } = place
  const tree = asTree(place).prefix
  const isMeant = (key: Key): boolean => key === prefix || (recursive && key.startsWith(tree))
  let last: string | undefined
  for await (const upload of multipartOf(place).uploads(prefix, { signal, meter })) {
    const { key, id, started } = upload
    // One that is aborted while a disk is listed may be seen in part once more.
    if (id === last) continue
    last = id
    const isOld = before === undefined || (started !== undefined && started < before)
    if (isMeant(key) && isOld) yield upload
  }
}

/** Bytes that have arrived, for a request or more; undefined where the store cannot tell, or the upload has ended. */
export async function arrivedBytes(
  place: Place,
  upload: UnfinishedUpload,
  call: CallOptions,
): Promise<number | undefined> {
  let bytes = 0
  try {
    for await (const { size } of multipartOf(place).parts(upload, call)) bytes += size
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
  return bytes
}

/** Aborts them, each by itself: one that fails keeps no other. */
export async function* abortUploads(
  place: Place,
  options: AbortOptions,
): AsyncGenerator<AbortedUpload> {
  const { dryRun, journal, jobs = defaultJobs, signal, meter } = options
  const multipart = multipartOf(place)
  const journalled = new Map<string, JournalEntry>()
  for await (const entry of journal.all())
    if (entry.upload) journalled.set(entry.upload.id, { ...entry, parts: [] })
  const abort = async (upload: UnfinishedUpload): Promise<AbortedUpload> => {
    if (dryRun) return { upload, error: undefined }
    const at = { op: 'abort', location: place.store.location, key: upload.key }
    try {
      await multipart.abort(upload, { signal, meter })
      const known = journalled.get(upload.id)
      // The place may be cut elsewhere into root and key than the run's was.
      if (known && (upload.key.endsWith(known.key) || known.key.endsWith(upload.key)))
        await journal.end(known.target, known.key)
      return { upload, error: undefined }
    } catch (error) {
      const failure = asHawserError(error, at)
      if (signal?.aborted) throw failure
      return { upload, error: failure }
    }
  }
  const lanes = { limit: jobs, ahead: 1000 }
  yield* inOrder(unfinishedUploads(place, options), lanes, abort)
}

function multipartOf({ store, prefix }: Place): Multipart {
  if (store.multipart) return store.multipart
  throw new HawserError('unsupported', 'there are no uploads in parts', {
    op: 'uploads',
    location: store.location,
    key: prefix,
  })
}
