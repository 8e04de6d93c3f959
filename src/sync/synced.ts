// What a directory was synced as, by what the state knows: by itself, or as a part of a tree that was.
import { emptyKey, type Key, toKey } from '../core/key.ts'
import { locationId, locationOf } from '../core/location.ts'
import { asTree, type Place, placeId } from '../core/place.ts'
import type { State, TreePair } from '../state/types.ts'

/** A tree that was synced, and which part of it a directory is. */
export interface Synced {
  readonly pair: TreePair
  /** What the names of the part begin with there; empty for all of it. */
  readonly below: Key
  /** The id of the place that has this part. */
  readonly target: string
}

/** What a directory was synced as: by itself, or else as a part of what it is in. */
export async function destinationsOf(from: Place, { pairs }: State): Promise<readonly Synced[]> {
  const source = placeId(asTree(from))
  const targets = await pairs.targetsOf(source)
  if (targets.length > 0)
    return targets.map((target) => ({ pair: { source, target }, below: emptyKey, target }))
  return (await pairs.all()).flatMap((pair) => {
    const below = pathIn(pair.source, source)
    return below === undefined ? [] : [{ pair, below, target: placeBelow(pair.target, below) }]
  })
}

/** Where the place of one id lies in that of another, ending in `/`; undefined where it does not. */
function pathIn(around: string, id: string): Key | undefined {
  const [outer, inner] = [locationOf(around), locationOf(id)]
  const isOneStore = outer.scheme === inner.scheme && outer.endpoint === inner.endpoint
  if (!isOneStore || !inner.root.startsWith(`${outer.root}/`)) return undefined
  return toKey(`${inner.root.slice(outer.root.length + 1)}/`)
}

function placeBelow(id: string, below: Key): string {
  const { root, ...location } = locationOf(id)
  return locationId({ ...location, root: `${root}/${below.replace(/\/$/, '')}` })
}
