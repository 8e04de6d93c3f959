// Begins uploads so that none is lost: each is written down before the store is asked for it. What a run that was killed
// just then was not told any more, the next one finds by that.
import { isAbort, isHawserError } from '../core/errors.ts'
import type { Multipart, UnfinishedUpload, Upload } from '../core/store.ts'
import type { JournalEntry } from '../state/types.ts'
import type { TransferContext } from './context.ts'

/** What is written down of an upload beside what the store says of it. */
export type Attempt = Pick<JournalEntry, 'target' | 'key' | 'source' | 'partSize'>

/** Milliseconds; services refuse requests of a clock that differs by more. */
const clockTolerance = 15 * 60 * 1000

/** @param begin asks the store for it */
export async function beginJournalled(
  attempt: Attempt,
  context: TransferContext,
  begin: () => Promise<Upload>,
): Promise<Upload> {
  const { journal } = context
  if (!journal) return begin()
  const entry = { ...attempt, started: new Date(), parts: [] }
  await journal.begin({ ...entry, upload: undefined })
  const upload = await begun(attempt, context, begin)
  try {
    await journal.begin({ ...entry, upload })
  } catch (error) {
    // Nobody would find it again.
    await context.target.multipart?.abort(upload, { meter: context.meter }).catch(() => {})
    throw error
  }
  return upload
}

async function begun(
  { target, key }: Attempt,
  { journal }: TransferContext,
  begin: () => Promise<Upload>,
): Promise<Upload> {
  try {
    return await begin()
  } catch (error) {
    // Else the store may have begun it all the same.
    const isRefused = isHawserError(error) && error.retry === 'never' && !isAbort(error)
    if (isRefused) await journal?.end(target, key)
    throw error
  }
}

/** Aborts what an earlier run left unfinished and nobody will go on with. Where that is refused, it is told, and stays. */
export async function abandon(entry: JournalEntry, context: TransferContext): Promise<void> {
  const { target, journal, signal, meter } = context
  const { multipart } = target
  try {
    if (entry.upload) await multipart?.abort(entry.upload, { signal, meter })
    else if (multipart) await abortUnanswered(entry, context, multipart)
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    // Of an upload that is known, another try may help.
    if (entry.upload && error.retry !== 'never') throw error
    const is = entry.upload ? 'is' : 'may be'
    context.onWarning?.(`what an earlier run began to upload ${is} left: ${error.message}`, {
      location: target.location,
      key: entry.key,
    })
  }
  await journal?.end(entry.target, entry.key)
}

/**
 * Of a run that did not come to know the upload that it began. It is the only one of the key that nothing was sent to,
 * that is in no journal, and that began about then: of two, nobody can tell which is whose, and both stay.
 */
async function abortUnanswered(
  entry: JournalEntry,
  context: TransferContext,
  multipart: Multipart,
): Promise<void> {
  const { signal, meter } = context
  const [found, ...others] = await maybeBegun(entry, context, multipart)
  if (found && others.length === 0) await multipart.abort(found, { signal, meter })
}

async function maybeBegun(
  { key, started }: JournalEntry,
  { journal, signal, meter }: TransferContext,
  multipart: Multipart,
): Promise<Upload[]> {
  const found: Upload[] = []
  for await (const upload of multipart.uploads(key, { signal, meter }))
    if (upload.key === key && isAbout(upload, started)) found.push(upload)
  if (found.length === 0) return found
  const known = new Set<string | undefined>()
  for await (const { upload } of journal?.all() ?? []) known.add(upload?.id)
  const left: Upload[] = []
  for (const upload of found)
    if (!known.has(upload.id) && (await isEmpty(upload, multipart, { signal, meter })))
      left.push(upload)
  return left
}

function isAbout({ started }: UnfinishedUpload, time: Date): boolean {
  return started !== undefined && Math.abs(started.getTime() - time.getTime()) <= clockTolerance
}

async function isEmpty(
  upload: Upload,
  multipart: Multipart,
  call: Pick<TransferContext, 'signal' | 'meter'>,
): Promise<boolean> {
  for await (const _ of multipart.parts(upload, call)) return false
  return true
}
