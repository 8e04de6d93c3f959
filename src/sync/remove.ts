// Removes objects, or all that lies below a prefix. Streams: nothing holds the listing.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { addressOfPlace, asTree, type Place } from '../core/place.ts'
import type { Entry, KeyRef } from '../core/store.ts'
import { Costs } from './costs.ts'
import { entryAt } from './look.ts'
import type { TransferOptions } from './options.ts'
import { RunReport, type RunResult } from './report.ts'

export interface RemoveOptions extends Omit<
  TransferOptions,
  'state' | 'archive' | 'partSize' | 'jobs'
> {
  readonly recursive?: boolean | undefined
}

/**
 * @throws HawserError not-found for what is not there, invalid-argument for a tree without `recursive`
 */
export async function removeTree(
  places: readonly Place[],
  options: RemoveOptions,
): Promise<RunResult> {
  const report = new RunReport(options)
  report.start('remove', places.map(addressOfPlace).join(' '))
  for (const place of places) {
    try {
      await removePlace(place, options, report)
    } catch (error) {
      if (options.signal?.aborted || places.length === 1) throw error
      report.fail(error, { op: 'remove', location: place.store.location, key: place.prefix })
    }
  }
  return report.finish()
}

async function removePlace(place: Place, options: RemoveOptions, report: RunReport): Promise<void> {
  const { store, prefix } = place
  const { signal } = options
  const costs = new Costs(store, store, options, report.meter, 0)
  report.accountFor(costs)
  const asking = { signal, meter: costs.asking('target') }
  const object = await entryAt(place, asking)
  const at = { op: 'remove', location: store.location, key: prefix }
  if (!options.recursive) {
    if (object && object.kind !== 'directory')
      return removeEntries(place, one(object), options, report, costs)
    if (object || prefix === '' || prefix.endsWith('/'))
      throw new HawserError('invalid-argument', 'is a directory', {
        ...at,
        hint: 'Remove all that is in it with -r.',
      })
    throw new HawserError('not-found', 'nothing is there', {
      ...at,
      hint: store.traits.hierarchical ? undefined : 'A prefix is removed with -r.',
    })
  }
  let found = 0
  async function* entries(directories: boolean): AsyncGenerator<Entry> {
    if (!directories && object && object.kind !== 'directory') yield object
    for await (const entry of store.list(asTree(place).prefix, { directories, ...asking })) {
      if (directories && entry.kind !== 'directory') continue
      found++
      yield entry
    }
  }
  await removeEntries(place, entries(false), options, report, costs)
  if (store.traits.hierarchical) await removeEntries(place, entries(true), options, report, costs)
  if (found === 0 && !object) throw new HawserError('not-found', 'nothing is there', at)
}

async function removeEntries(
  { store }: Place,
  entries: AsyncIterable<Entry>,
  options: RemoveOptions,
  report: RunReport,
  costs: Costs,
): Promise<void> {
  const { location } = store
  if (report.dryRun) {
    for await (const entry of entries) {
      costs.planned.remove(entry)
      report.done('remove', { location, key: entry.key }, entry.size, 0)
    }
    return
  }
  const { signal } = options
  const { meter } = costs
  // Of what is under way: a few pages at most.
  const removing = new Map<Key, Entry>()
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const entry of entries) {
      removing.set(entry.key, entry)
      costs.planned.remove(entry)
      yield { key: entry.key }
    }
  }
  for await (const { key, error } of store.remove(refs(), { signal, meter })) {
    const entry = removing.get(key)
    removing.delete(key)
    // A directory goes once it is empty, with the last that was in it.
    if (error && store.traits.hierarchical && key.endsWith('/')) continue
    if (error) report.fail(error, { op: 'remove', location, key })
    else {
      if (entry) costs.done.remove(entry)
      report.done('remove', { location, key }, entry?.size ?? 0, 0)
    }
  }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
