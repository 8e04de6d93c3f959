// Names that a file system takes for one: in upper and lower case, or in two forms of Unicode.
import { type Key, toKey } from '../core/key.ts'
import type { Place } from '../core/place.ts'
import type { CallOptions, Store } from '../core/store.ts'
import { statOrUndefined } from './look.ts'

/** Whether what is at the key has this very name, and does not only answer to it. The place itself may have others. */
export async function isSpelledSo(
  { store, prefix }: Place,
  key: Key,
  call: CallOptions,
): Promise<boolean> {
  const begin = key.startsWith(prefix) ? prefix.length : key.lastIndexOf('/') + 1
  for (const other of otherSpellings(key, begin))
    if (await statOrUndefined(store, other, call)) return isListed(store, key, begin, call)
  // Where no other spelling is there, none is taken for this one.
  return true
}

/** Of the last name on the way that has others. */
function otherSpellings(key: Key, begin: number): Key[] {
  const names = key.slice(begin).split('/')
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i] ?? ''
    const all = [
      name.toUpperCase(),
      name.toLowerCase(),
      name.normalize('NFC'),
      name.normalize('NFD'),
    ]
    const others = new Set(all.filter((other) => other !== name))
    if (others.size > 0)
      return Array.from(others, (other) =>
        toKey(key.slice(0, begin) + names.with(i, other).join('/')),
      )
  }
  return []
}

/** Listings tell names as they were given, of each directory on the way. */
async function isListed(
  store: Store,
  key: Key,
  begin: number,
  call: CallOptions,
): Promise<boolean> {
  for (let end = key.indexOf('/', begin); end >= 0; end = key.indexOf('/', end + 1))
    if (!(await isNamed(store, toKey(key.slice(0, end + 1)), call))) return false
  return isNamed(store, key, call)
}

async function isNamed(store: Store, key: Key, { signal, meter }: CallOptions): Promise<boolean> {
  const prefix = toKey(key.replace(/\/$/, ''))
  const how = { shallow: true, directories: true, onProblem: () => {}, signal, meter }
  for await (const entry of store.list(prefix, how)) if (entry.key === key) return true
  return false
}
