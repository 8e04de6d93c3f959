// Where the bytes of an object lie in the Store: at its own name, or in the hidden place.
//
// What a store can hold at its own name only the store knows: it is asked by trying. A file system refuses what is no
// path (`a//b`, `..`), and what is in the way of another object (`a` beside `a/b`).
import { randomBytes } from 'node:crypto'
import { isHawserError } from '../../core/errors.ts'
import { toKey, type Key } from '../../core/key.ts'
import type { Store } from '../../core/store.ts'

/** Below it lies what cannot lie at its own name. No bucket can have such a name. */
const hiddenPlace = '.hawser/s3/'
const uploadsPlace = `${hiddenPlace}uploads/`

export function plainKey(bucket: string, key: string): Key {
  return toKey(`${bucket}/${key}`)
}

/** Where an upload is assembled, where the Store places parts. */
export function assembledKey(id: string): Key {
  return toKey(`${uploadsPlace}${id}`)
}

/** The upload that is assembled at the place. */
export function uploadIdOf(place: string): string | undefined {
  return place.startsWith(uploadsPlace) ? place.slice(uploadsPlace.length) : undefined
}

/** Below it lie the parts of an upload that are objects of their own. */
export function partsPlace(id: string): Key {
  return toKey(`${hiddenPlace}parts/${id}/`)
}

/** A name that nothing else has. */
export function newHiddenKey(): Key {
  const name = randomBytes(16).toString('hex')
  return toKey(`${hiddenPlace}objects/${name.slice(0, 2)}/${name}`)
}

/** Where directories come and go by themselves, an object at a directory's name would, too. */
export function isDirectoryName(store: Store, key: string): boolean {
  return store.traits.hierarchical && key.endsWith('/')
}

/** The store cannot hold an object of this name, or not beside those that it holds. */
export function isRefusedName(error: unknown): boolean {
  return isHawserError(error) && (error.code === 'invalid-argument' || error.code === 'conflict')
}
