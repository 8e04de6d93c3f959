// Archived objects: a run passes them over and remembers them, and nothing else of it stops for them.
import { type ErrorDetails, HawserError, isHawserError } from '../core/errors.ts'
import { locationId } from '../core/location.ts'
import type { Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { SideName } from '../cost/estimate.ts'
import type { Session } from './session.ts'

/**
 * Asks the store about what is to be copied and may be archived: what was so in an earlier run need not be so now.
 * @param side where it is
 * @throws HawserError archived
 */
export async function refuseArchived(
  session: Session,
  { key, ...entry }: Entry,
  side: SideName = 'source',
): Promise<void> {
  const { location } = placeOn(session, side).store
  const kind = await archivedAs(session, { key, ...entry }, side)
  if (kind === undefined) return
  const message = kind === 'archived' ? 'archived' : 'archived, and being thawed'
  throw new HawserError('archived', message, { op: 'read', location, key })
}

/** Undefined for what can be read: that is forgotten, too. */
export async function archivedAs(
  session: Session,
  entry: Entry,
  side: SideName = 'source',
): Promise<'archived' | 'thawing' | undefined> {
  const { costs, options, report, transfer } = session
  const { archive, location } = placeOn(session, side).store
  if (!archive?.mayHold(entry)) return undefined
  const { key, version } = entry
  const call = { signal: transfer.signal, meter: costs.asking(side) }
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
    await rememberArchived(session, source)
  report.fail(error, at)
}

/** Also where what is replaced is to be kept first, an archived object is in the way: that is none of the source. */
function tellsArchived(error: unknown, { store }: Place, { key }: Entry): boolean {
  if (!isHawserError(error) || error.code !== 'archived' || !error.location) return false
  return error.key === key && locationId(error.location) === locationId(store.location)
}

/** So that `restore --remembered` finds it. */
export async function rememberArchived(
  session: Session,
  { key, size, etag, version, storageClass }: Entry,
  side: SideName = 'source',
): Promise<void> {
  const { options, report } = session
  await options.state.archives.note(locationId(placeOn(session, side).store.location), {
    key,
    size,
    etag,
    version,
    storageClass,
    noted: new Date(),
    command: report.command,
  })
}

function placeOn({ from, to }: Session, side: SideName): Place {
  return side === 'source' ? from : to
}
