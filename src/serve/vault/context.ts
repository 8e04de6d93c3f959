// What the parts of the vault share.
import type { Store } from '../../core/store.ts'
import type { Ledger } from './ledger/types.ts'
import type { KeyLocks } from './locks.ts'
import type { Clock } from './clock.ts'

export interface VaultContext {
  readonly store: Store
  readonly ledger: Ledger
  readonly locks: KeyLocks
  readonly clock: Clock
  /** The access key that buckets belong to which were made by hand. */
  readonly owner: string
}
