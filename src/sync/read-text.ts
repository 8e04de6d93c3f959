// Small files of patterns that lie in a tree.
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey, type Key } from '../core/key.ts'
import type { Place } from '../core/place.ts'
import type { CallOptions, Store } from '../core/store.ts'

/** More is no file of patterns. */
const most = 4 * 1024 * 1024

/** The text below the place's prefix; undefined where there is none. @throws HawserError invalid-argument for what is too large */
export async function readText(
  { store, prefix }: Place,
  name: string,
  { signal, meter }: CallOptions,
): Promise<string | undefined> {
  const key = joinKey(prefix, name)
  try {
    const body = await store.read(key, { signal, meter })
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of body) {
      size += piece.length
      if (size > most) throw tooLarge(store, key)
      pieces.push(piece)
    }
    return Buffer.concat(pieces).toString()
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}

function tooLarge({ location }: Store, key: Key): HawserError {
  return new HawserError('invalid-argument', 'too large for a file of patterns', {
    op: 'filter',
    location,
    key,
  })
}
