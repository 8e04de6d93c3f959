// A place in a store: what an address of a command means.
import type { Key } from './key.ts'
import { toKey } from './key.ts'
import { formatAddress, locationId } from './location.ts'
import type { Store } from './store.ts'

export interface Place {
  readonly store: Store
  /** What keys begin with; empty for the whole store. */
  readonly prefix: Key
}

/** The place as a tree: its prefix ends in `/`, so that `models` does not take `models-old` along. */
export function asTree({ store, prefix }: Place): Place {
  return prefix === '' || prefix.endsWith('/')
    ? { store, prefix }
    : { store, prefix: toKey(`${prefix}/`) }
}

/** A name for the place that no other place has, and that is the same however the address was cut into store and prefix. */
export function placeId({ store, prefix }: Place): string {
  const above = store.location.root.replace(/\/+$/, '')
  const root = prefix === '' ? above : `${above}/${prefix}`
  return locationId({ ...store.location, root: root.replace(/\/+$/, '') })
}

/** Whether the places of two ids are one, or one lies in the other. */
export function arePlacesNested(one: string, other: string): boolean {
  const [a, b] = [one, other].map((id) => `${id.slice(0, -'"]'.length)}/`)
  return a !== undefined && b !== undefined && (a.startsWith(b) || b.startsWith(a))
}

/** The address as a user would type it. */
export function addressOfPlace({ store, prefix }: Place): string {
  return formatAddress(store.location, prefix)
}
