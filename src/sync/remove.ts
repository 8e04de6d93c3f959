// Removes objects, or all that lies below a prefix. Streams: nothing holds the listing.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { addressOfPlace, asTree, type Place } from '../core/place.ts'
import type { Entry, KeyRef } from '../core/store.ts'
import { listMatching, nothingMatches } from '../pattern/list.ts'
import type { Pattern } from '../pattern/pattern.ts'
import { entryAt } from './look.ts'
import type { TransferOptions } from './options.ts'
import { RunReport, type RunResult } from './report.ts'

export interface RemoveOptions extends Omit<
  TransferOptions,
  'state' | 'archive' | 'partSize' | 'jobs'
> {
  readonly recursive?: boolean | undefined
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
  const report = new RunReport(options)
  report.start('remove', places.map(addressOfPlace).join(' '))
  for (const place of places) {
    try {
      if (place.pattern) await removeMatching(place, place.pattern, options, report)
      else await removePlace(place, options, report)
    } catch (error) {
      if (options.signal?.aborted || places.length === 1) throw error
      report.fail(error, { op: 'remove', location: place.store.location, key: place.prefix })
    }
  }
  return report.finish()
}

async function removePlace(place: Place, options: RemoveOptions, report: RunReport): Promise<void> {
  const { store, prefix } = place
  const object = await entryAt(place, options)
  const at = { op: 'remove', location: store.location, key: prefix }
  if (!options.recursive) {
    if (object && object.kind !== 'directory')
      return removeEntries(place, one(object), options, report)
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
  const { signal, meter } = options
  let found = 0
  async function* entries(directories: boolean): AsyncGenerator<Entry> {
    if (!directories && object && object.kind !== 'directory') yield object
    for await (const entry of store.list(asTree(place).prefix, { directories, signal, meter })) {
      if (directories && entry.kind !== 'directory') continue
      found++
      yield entry
    }
  }
  await removeEntries(place, entries(false), options, report)
  if (store.traits.hierarchical) await removeEntries(place, entries(true), options, report)
  if (found === 0 && !object) throw new HawserError('not-found', 'nothing is there', at)
}

async function removeMatching(
  place: Place,
  pattern: Pattern,
  options: RemoveOptions,
  report: RunReport,
): Promise<void> {
  const { recursive = false, signal, meter } = options
  let found = false
  async function* entries(directories: boolean): AsyncGenerator<Entry> {
    const call = { recursive, directories, signal, meter }
    for await (const entry of listMatching(place, pattern, call)) {
      if (directories && entry.kind !== 'directory') continue
      found = true
      yield entry
    }
  }
  await removeEntries(place, entries(false), options, report)
  if (recursive && place.store.traits.hierarchical)
    await removeEntries(place, entries(true), options, report)
  if (!found) throw nothingMatches('remove', place, pattern)
}

async function removeEntries(
  { store }: Place,
  entries: AsyncIterable<Entry>,
  options: RemoveOptions,
  report: RunReport,
): Promise<void> {
  const { signal, meter } = options
  const { location } = store
  if (report.dryRun) {
    for await (const { key, size } of entries) report.done('remove', { location, key }, size, 0)
    return
  }
  // Of what is under way: a few pages at most.
  const sizes = new Map<Key, number>()
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const { key, size } of entries) {
      sizes.set(key, size)
      yield { key }
    }
  }
  for await (const { key, error } of store.remove(refs(), { signal, meter })) {
    const size = sizes.get(key) ?? 0
    sizes.delete(key)
    // A directory goes once it is empty, with the last that was in it.
    if (error && store.traits.hierarchical && key.endsWith('/')) continue
    if (error) report.fail(error, { op: 'remove', location, key })
    else report.done('remove', { location, key }, size, 0)
  }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
