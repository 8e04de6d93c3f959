// Archived objects: a run passes them over and remembers them, and nothing else of it stops for them.
import { type ErrorDetails, HawserError, isAbort, isHawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import { type Location, locationId } from '../core/location.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import type { Entry, Store } from '../core/store.ts'
import type { SideName } from '../cost/side.ts'
import type { State } from '../state/types.ts'
import { statOrUndefined } from './look.ts'
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

/** Undefined for what can be read: that is left no longer. */
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
  if (!report.dryRun) await noLongerLeft(options.state, location, key, kind)
  return undefined
}

/** Forgotten; what was asked for it only when that is over, so that `restore status` can tell. */
async function noLongerLeft(
  { archives }: State,
  location: Location,
  key: Key,
  kind: 'readable' | 'thawed',
): Promise<void> {
  const place = locationId(location)
  const known = kind === 'thawed' ? await archives.get(place, key) : undefined
  if (known?.thaw) await archives.note(place, { ...known, command: 'restore' })
  else await archives.remove(place, key)
}

/** Reports one object's failure, which stops no other. What is archived is remembered until it can be read. */
export async function tellFailure(
  session: Session,
  source: Entry | undefined,
  error: unknown,
  at: ErrorDetails,
): Promise<void> {
  const { report, from, to } = session
  const key = archivedIn(error, from.store)
  if (source && key === source.key) {
    if (!report.dryRun) await rememberArchived(session, source)
    return report.fail(error, at)
  }
  const inTheWay = archivedIn(error, to.store)
  if (inTheWay === undefined) return report.fail(error, at)
  await rememberInTheWay(session, inTheWay)
  report.fail(error, at, addressOfPlace(to))
}

/** The key of what the store said is archived. */
function archivedIn(error: unknown, { location }: Store): Key | undefined {
  if (!isHawserError(error) || error.code !== 'archived' || !error.location) return undefined
  if (locationId(error.location) !== locationId(location)) return undefined
  return error.key === undefined ? undefined : toKey(error.key)
}

/** What the destination has and is to be kept, moved or described anew. */
async function rememberInTheWay(session: Session, key: Key): Promise<void> {
  const { to, options, report, transfer } = session
  if (report.dryRun || (await options.state.archives.get(locationId(to.store.location), key)))
    return
  try {
    const found = await statOrUndefined(to.store, key, transfer)
    if (found) await rememberArchived(session, found, 'target')
  } catch (error) {
    // The next run that meets it remembers it.
    if (!isHawserError(error) || isAbort(error)) throw error
  }
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
