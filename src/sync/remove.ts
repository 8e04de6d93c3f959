// Removes objects, or all that lies below a prefix. Streams: nothing holds the listing.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { addressOfPlace, asTree, type Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import { listMatching, nothingMatches } from '../pattern/list.ts'
import type { Pattern } from '../pattern/pattern.ts'
import type { RunHistory, Signatures } from '../state/types.ts'
import type { SignedObject } from '../transfer/delta/shelf.ts'
import { Costs } from './costs.ts'
import { givenOf, recorded } from './history.ts'
import { entryAt } from './look.ts'
import type { TransferOptions } from './options.ts'
import { RunReport, type RunResult } from './report.ts'
import { removeReserved } from './reserved.ts'
import { signaturesOf } from './signatures.ts'

export interface RemoveOptions extends Omit<
  TransferOptions,
  'state' | 'archive' | 'partSize' | 'jobs'
> {
  readonly recursive?: boolean | undefined
  /** What this machine keeps of them. */
  readonly known?: Signatures | undefined
  /** Where the run is noted, unless it is a dry one. */
  readonly runs?: RunHistory | undefined
}

/** A place, and where only some of what lies there is meant, which names below it. */
export interface Removed extends Place {
  readonly pattern?: Pattern | undefined
}

/**
 * With a pattern, objects that match, and with `recursive` directories that match with all that is in them.
 * @throws HawserError not-found for what is not there, invalid-argument for a tree without `recursive`
 */
export async function removeTree(
  places: readonly Removed[],
  options: RemoveOptions,
): Promise<RunResult> {
  const { runs, dryRun, recursive } = options
  const report = new RunReport(options)
  const from = places.map(addressOfPlace)
  if (!runs || dryRun) return removeAll(places, from, options, report)
  const start = {
    command: 'remove',
    from: from.join(' '),
    to: undefined,
    options: givenOf({ recursive }),
  }
  return recorded(runs, start, report, (id) => {
    report.run = id
    return removeAll(places, from, options, report)
  })
}

async function removeAll(
  places: readonly Removed[],
  from: readonly string[],
  options: RemoveOptions,
  report: RunReport,
): Promise<RunResult> {
  report.start('remove', from)
  for (const place of places) {
    const costs = new Costs(place.store, place.store, options, report.meter, 0)
    report.accountFor(costs)
    try {
      if (place.pattern) await removeMatching(place, place.pattern, options, report, costs)
      else await removePlace(place, options, report, costs)
    } catch (error) {
      if (options.signal?.aborted || places.length === 1) throw error
      report.fail(error, { op: 'remove', location: place.store.location, key: place.prefix })
    }
  }
  return report.finish()
}

async function removePlace(
  place: Place,
  options: RemoveOptions,
  report: RunReport,
  costs: Costs,
): Promise<void> {
  const { store, prefix } = place
  const { signal } = options
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
  if (report.failed === 0 && (await removeReserved(place, report, asking))) found++
  if (found === 0 && !object) throw new HawserError('not-found', 'nothing is there', at)
}

async function removeMatching(
  place: Place,
  pattern: Pattern,
  options: RemoveOptions,
  report: RunReport,
  costs: Costs,
): Promise<void> {
  const { recursive = false, signal } = options
  const meter = costs.asking('target')
  let found = false
  async function* entries(directories: boolean): AsyncGenerator<Entry> {
    const call = { recursive, directories, signal, meter }
    for await (const entry of listMatching(place, pattern, call)) {
      if (directories && entry.kind !== 'directory') continue
      found = true
      yield entry
    }
  }
  await removeEntries(place, entries(false), options, report, costs)
  if (recursive && place.store.traits.hierarchical)
    await removeEntries(place, entries(true), options, report, costs)
  if (!found) throw nothingMatches('remove', place, pattern)
}

async function removeEntries(
  { store }: Place,
  entries: AsyncIterable<Entry>,
  options: RemoveOptions,
  report: RunReport,
  costs: Costs,
): Promise<void> {
  const { location } = store
  const { meter } = costs
  const { signal, known } = options
  const { threshold } = options.delta || {}
  const signatures = signaturesOf(store, { report, known, threshold, signal, meter })
  if (report.dryRun) {
    for await (const entry of entries) {
      costs.planned.remove(entry, 'target', signatures.keysWith(entry))
      report.done('remove', { location, key: entry.key }, entry.size, 0)
    }
    return
  }
  // Of what is under way: a few pages at most.
  const removing = new Map<Key, Entry>()
  async function* refs(): AsyncGenerator<SignedObject> {
    for await (const entry of entries) {
      const { key, size } = entry
      removing.set(key, entry)
      costs.planned.remove(entry, 'target', signatures.keysWith(entry))
      yield { key, size }
    }
  }
  for await (const { key, error, marker } of signatures.removeObjects(refs(), { signal, meter })) {
    const entry = removing.get(key)
    removing.delete(key)
    // A directory goes once it is empty, with the last that was in it.
    if (error && store.traits.hierarchical && key.endsWith('/')) continue
    if (error) report.fail(error, { op: 'remove', location, key })
    else {
      if (entry) costs.done.remove(entry)
      const info = { etag: undefined, version: marker }
      report.done('remove', { location, key }, entry?.size ?? 0, 0, { info, replaced: entry })
    }
  }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
