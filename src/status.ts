// What changed in a directory since it was synced, for each place that it was synced to, by addresses.
import { parseAddress, treeAddress } from './address.ts'
import { HawserError } from './core/errors.ts'
import { formatAddress, type Location, locationId, locationOf } from './core/location.ts'
import { addressOfPlace, asTree, type Place, placeId } from './core/place.ts'
import { shellWord } from './core/shell.ts'
import type { State } from './state/types.ts'
import {
  type Changed,
  status as statusOf,
  type StatusOptions,
  type StatusTotals,
} from './sync/status.ts'
import { destinationsOf, type Synced } from './sync/synced.ts'

/** For each place that a directory was synced to: what is compared, what changed, and what that comes to. */
export type StatusAt = { readonly from: string; readonly to: string } & (
  | { readonly type: 'begin' }
  | { readonly type: 'change'; readonly changed: Changed }
  | { readonly type: 'totals'; readonly totals: StatusTotals }
)

type OpenAt = (address: string) => Promise<Place>

/**
 * What a directory was synced as: to all places, or to the one that is meant.
 * @throws HawserError not-found where there is none
 */
export async function syncedOf(
  state: State,
  from: Place,
  to: string | undefined,
  open: OpenAt,
): Promise<readonly Synced[]> {
  const all = await destinationsOf(from, state)
  const isMeant = to === undefined ? () => true : await meaning(to, open)
  const meant = all.filter(({ target }) => isMeant(locationOf(target)))
  if (meant.length > 0) return meant
  const here = placeId(asTree(from))
  const back = (await state.pairs.all()).find(({ target }) => target === here)
  throw neverSynced(from, to, to === undefined ? back?.source : undefined)
}

/** Whether a location is what an address says. A store is not opened for it, which would take credentials. */
async function meaning(to: string, open: OpenAt): Promise<(place: Location) => boolean> {
  const address = parseAddress(treeAddress(to))
  if (address.scheme !== 's3') {
    const id = placeId(asTree(await open(treeAddress(to))))
    return (place) => locationId(place) === id
  }
  const root = `${address.bucket}/${address.key}`.replace(/\/+$/, '')
  return (place) => place.scheme === 's3' && place.root === root
}

/** For each: `begin`, a `change` for each name, in order, and the `totals`. */
export async function* statusRows(
  from: Place,
  all: readonly Synced[],
  settings: StatusOptions,
): AsyncGenerator<StatusAt> {
  for (const synced of all) {
    const between = { from: addressOfPlace(from), to: addressOf(synced.target) }
    yield { ...between, type: 'begin' }
    const changes = statusOf(from, synced, settings)
    for (let next = await changes.next(); ; next = await changes.next()) {
      if (next.done) {
        yield { ...between, type: 'totals', totals: next.value }
        break
      }
      yield { ...between, type: 'change', changed: next.value }
    }
  }
}

function addressOf(target: string): string {
  const location = locationOf(target)
  return formatAddress(location, '')
}

/** @param source the id of a place that was synced to here */
export function neverSynced(from: Place, to: string | undefined, source?: string): HawserError {
  const where = to === undefined ? 'anywhere' : `to ${to}`
  const here = shellWord(addressOfPlace(from))
  const hint =
    source === undefined
      ? `What a first one would do is told by: hawser sync -n ${here} ${to === undefined ? 'DST' : shellWord(to)}`
      : `What another sync to here would do is told by: hawser sync -n ${shellWord(addressOf(source))} ${here}`
  return new HawserError('not-found', `it was never synced ${where} from here`, {
    op: 'status',
    location: from.store.location,
    key: from.prefix,
    hint,
  })
}
