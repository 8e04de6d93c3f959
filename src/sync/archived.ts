// Archived objects: a run passes them over and remembers them, and nothing else of it stops for them.
import { type ErrorDetails, HawserError, isHawserError } from '../core/errors.ts'
import { locationId } from '../core/location.ts'
import type { Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { Session } from './session.ts'

/**
 * Asks the store about a source that may be archived: what was so in an earlier run need not be so now.
 * @throws HawserError archived
 */
export async function refuseArchived(session: Session, source: Entry): Promise<void> {
  const { location } = session.from.store
  const { key } = source
  const kind = await archivedAs(session, source)
  if (kind === undefined) return
  const message = kind === 'archived' ? 'archived' : 'archived, and being thawed'
  throw new HawserError('archived', message, { op: 'read', location, key })
}

/** Undefined for what can be read: that is forgotten, too. */
export async function archivedAs(
  { from, costs, options, report, transfer }: Session,
  source: Entry,
): Promise<'archived' | 'thawing' | undefined> {
  const { archive, location } = from.store
  if (!archive?.mayHold(source)) return undefined
  const { key, version } = source
  const call = { signal: transfer.signal, meter: costs.asking('source') }
  const { kind } = await archive.state({ key, version }, call)
  if (kind === 'archived' || kind === 'thawing') return kind
  if (!report.dryRun) await options.state.archives.remove(locationId(location), key)
  return undefined
}

/** Reports one object's failure, which stops no other. One that is archived is remembered until it can be read. */
export async function tellFailure(
  session: Session,
  source: Entry | undefined,
  error: unknown,
  at: ErrorDetails,
): Promise<void> {
  const { report, from } = session
  if (source && !report.dryRun && tellsArchived(error, from, source))
    await remember(session, source)
  report.fail(error, at)
}

/** Also where what is replaced is to be kept first, an archived object is in the way: that is none of the source. */
function tellsArchived(error: unknown, { store }: Place, { key }: Entry): boolean {
  if (!isHawserError(error) || error.code !== 'archived' || !error.location) return false
  return error.key === key && locationId(error.location) === locationId(store.location)
}

async function remember({ from, options, report }: Session, source: Entry): Promise<void> {
  const { key, size, etag, version, storageClass } = source
  await options.state.archives.note(locationId(from.store.location), {
    key,
    size,
    etag,
    version,
    storageClass,
    noted: new Date(),
    command: report.command,
  })
}
