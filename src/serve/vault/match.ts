// Which bytes a row of the ledger is about.
//
// A store with times of its own keeps the time that the vault gives each version, in microseconds and never twice the
// same: with the size it tells a version from every other, and from what somebody put there by hand. This is known
// before the bytes are published. Any other store tells its etag afterwards.
import type { Entry, Store } from '../../core/store.ts'

/** The bytes can be told before they are published. */
export function isToldByTime(store: Store): boolean {
  return store.traits.modified === 'native'
}

/** @param microseconds since 1970 */
export function matchOfTime(size: number, microseconds: number): string {
  return `${size}:${microseconds}`
}

export function matchOf(store: Store, entry: Pick<Entry, 'size' | 'modified' | 'etag'>): string {
  if (!isToldByTime(store)) return entry.etag ?? ''
  return matchOfTime(entry.size, Number(entry.modified / 1000n))
}
