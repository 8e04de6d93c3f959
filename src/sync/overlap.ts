// Which places lie in one another, by their names or by what a second mount does not change, and so cannot be synced.
import { HawserError } from '../core/errors.ts'
import { locationId } from '../core/location.ts'
import { asTree, type Place } from '../core/place.ts'

/**
 * A tree that is copied into itself would never end, and one that removes what is around it would remove itself.
 * @throws HawserError invalid-argument
 */
export function refuseOverlap(
  from: Place,
  to: Place,
  options: { delete?: boolean | undefined },
): void {
  const refuse = (why: string): HawserError =>
    new HawserError('invalid-argument', why, {
      op: 'sync',
      location: to.store.location,
      key: to.prefix,
    })
  const inside = isWithin(to, from)
  const around = isWithin(from, to)
  if (inside && around) throw refuse('source and destination are the same')
  if (inside) throw refuse('the destination is inside the source')
  if (options.delete && around)
    throw refuse('the source is inside the destination, where it would be removed')
}

/** Whether the one place is the other, or lies in it: by their names, or by what a second mount does not change. */
export function isWithin(inner: Place, outer: Place): boolean {
  if (serviceOf(inner) !== serviceOf(outer)) return false
  if (pathOf(inner).startsWith(pathOf(outer))) return true
  const [identity] = lineageOf(outer)
  return identity !== undefined && lineageOf(inner).includes(identity)
}

function lineageOf(place: Place): readonly string[] {
  const { store, prefix } = asTree(place)
  return store.lineage?.(prefix) ?? []
}

export function serviceOf({ store }: Place): string {
  return locationId({ ...store.location, root: '' })
}

/** The place's path within its service, the same however the address was cut into store and prefix. */
export function pathOf({ store, prefix }: Place): string {
  return `${`${store.location.root.replace(/\/+$/, '')}/${prefix}`.replace(/\/+$/, '')}/`
}
