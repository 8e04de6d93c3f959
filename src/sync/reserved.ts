// What is kept beside the objects, when those go.
import { emptyKey, type Key } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, KeyRef, Store } from '../core/store.ts'
import { signaturePrefixes } from '../delta/signature/place.ts'
import { entryAt } from './look.ts'
import type { RunReport } from './report.ts'

/** Warns where a directory that is copied has something that a copy leaves out: a backup of it is not whole. */
export async function tellLeftOut(
  { store, prefix }: Place,
  report: RunReport,
  call: CallOptions,
): Promise<void> {
  const { reserved: key, hierarchical } = store.traits
  if (!hierarchical || !key?.startsWith(prefix)) return
  if (await entryAt({ store, prefix: key }, call))
    report.warn('left out: what a server keeps here is copied only by this name', {
      location: store.location,
      key,
    })
}

/**
 * With a whole bucket it goes, so that the bucket can be removed itself. A directory stays with what a server keeps in
 * it, and that is told.
 * @returns whether something was removed, or would be
 */
export async function removeReserved(
  place: Place,
  report: RunReport,
  call: CallOptions,
): Promise<boolean> {
  const { store, prefix } = place
  const { location, traits } = store
  const { reserved: key, hierarchical } = traits
  if (!key?.startsWith(asTree(place).prefix)) return false
  if (hierarchical) {
    if (await entryAt({ store, prefix: key }, call))
      report.warn('it stays, until it is removed by this name', { location, key })
    return false
  }
  if (prefix !== '') return false
  return report.dryRun ? holds(store, key, call) : removeBelow(store, key, call)
}

/**
 * Removes signatures of objects that another program removed. Versions that a server keeps there are no such thing.
 * @returns whether there were some; false where the bucket is not empty besides
 */
export async function removeStraySignatures(store: Store, call: CallOptions): Promise<boolean> {
  const { reserved } = store.traits
  if (reserved === undefined || (await holds(store, emptyKey, call))) return false
  let found = false
  for (const prefix of signaturePrefixes(reserved))
    if (await removeBelow(store, prefix, call)) found = true
  return found
}

async function holds(store: Store, prefix: Key, call: CallOptions): Promise<boolean> {
  for await (const _ of store.list(prefix, call)) return true
  return false
}

async function removeBelow(store: Store, prefix: Key, call: CallOptions): Promise<boolean> {
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const { key } of store.list(prefix, call)) yield { key }
  }
  let found = false
  for await (const { error } of store.remove(refs(), call)) {
    if (error) throw error
    found = true
  }
  return found
}
