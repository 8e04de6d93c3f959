// Opens the addresses of one run: what lies in the same place shares a store, and all share one bandwidth, and
// those of one service its concurrency.
import type { Opened } from './core/opened.ts'
import { locationId } from './core/location.ts'
import type { Place } from './core/place.ts'
import type { Store } from './core/store.ts'
import { open, type OpenOptions, sharedBandwidth, sharedConcurrency } from './open.ts'

/** How one place of a run is opened, unlike the others. */
export type PlaceOptions = Pick<OpenOptions, 'asEntry' | 'customerKey' | 'fromRoot' | 'followLinks'>

/** Opens addresses; the stores are closed with `opened`. */
export function sharedPlaces(
  options: OpenOptions,
  opened: Opened,
): (address: string, how?: PlaceOptions) => Promise<Place> {
  const stores = new Map<string, Store>()
  let shared: Promise<OpenOptions> | undefined
  return async (address, how) => {
    shared ??= withSharedLimits(options)
    const place = await open(address, { ...(await shared), ...how })
    const id = storeId(place.store, { ...options, ...how })
    const known = stores.get(id)
    if (known === undefined) {
      stores.set(id, opened.use(place.store))
      return place
    }
    // Nothing was sent through it yet.
    await place[Symbol.asyncDispose]()
    return { store: known, prefix: place.prefix }
  }
}

/** What is encrypted with one key cannot be read with another, and links are followed or not. */
function storeId(
  { location, traits }: Store,
  { customerKey, followLinks = false }: OpenOptions,
): string {
  const { reserved = '' } = traits
  return JSON.stringify([locationId(location), followLinks, reserved, customerKey?.reveal()])
}

async function withSharedLimits(options: OpenOptions): Promise<OpenOptions> {
  const bwlimit = await sharedBandwidth(options)
  return { ...options, bwlimit, concurrency: await sharedConcurrency(options) }
}
