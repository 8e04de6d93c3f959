// Which objects of a place are archived, or were: by its listing, or by what earlier runs met, and what the store says
// of each. Streams: nothing holds the listing.
import { HawserError, isHawserError } from '../core/errors.ts'
import { emptyKey, type Key } from '../core/key.ts'
import { type Location, locationId } from '../core/location.ts'
import { asTree, type Place } from '../core/place.ts'
import type { Archive, ArchiveState, CallOptions, Entry } from '../core/store.ts'
import { someMatching } from '../pattern/list.ts'
import type { Pattern } from '../pattern/pattern.ts'
import type { ArchivedRow, Archives } from '../state/types.ts'
import { inOrder } from './in-order.ts'
import { entryAt } from './look.ts'

export interface ArchivePlace extends Place {
  readonly pattern?: Pattern | undefined
}

export interface ArchivesOptions extends CallOptions {
  readonly archives: Archives
  readonly recursive: boolean
  /** Only what earlier runs met and left. */
  readonly remembered: boolean
  readonly jobs: number
}

export interface ArchivedEntry {
  readonly entry: Pick<Entry, 'key' | 'size' | 'etag' | 'version' | 'storageClass'>
  /** `readable` only of what may be archived, and of what was. */
  readonly state: ArchiveState
  readonly known: ArchivedRow | undefined
}

/** @throws HawserError unsupported for a store without archives */
export function archiveOf({ store, prefix }: Place): Archive {
  if (store.archive) return store.archive
  throw new HawserError('unsupported', 'nothing is archived there', {
    op: 'thaw',
    location: store.location,
    key: prefix,
  })
}

/**
 * In the order of the listing. What is gone meanwhile is left out, and forgotten.
 * @throws HawserError not-found where nothing is there, archived or not, unless `remembered`
 */
export async function* archivedBelow(
  place: ArchivePlace,
  options: ArchivesOptions,
): AsyncGenerator<ArchivedEntry> {
  const archive = archiveOf(place)
  const { archives, jobs, signal, meter } = options
  const id = locationId(place.store.location)
  const look = async (entry: ArchivedEntry['entry']): Promise<ArchivedEntry | undefined> => {
    const { key, version } = entry
    try {
      const state = await archive.state({ key, version }, { signal, meter })
      const known = await archives.get(id, key)
      // Nobody left it behind, and what was asked for is over.
      const isOver = state.kind === 'readable' || state.kind === 'archived'
      if (isOver && known?.command === 'restore') await archives.remove(id, key)
      return { entry, state, known }
    } catch (error) {
      if (!isHawserError(error) || error.code !== 'not-found') throw error
      await archives.remove(id, key)
      return undefined
    }
  }
  const entries = options.remembered
    ? rememberedAt(place, options)
    : listedAt(place, archive, options)
  for await (const found of inOrder(entries, { limit: jobs, ahead: jobs }, look))
    if (found) yield found
}

/** What runs left because it is archived; others were only asked for. */
export async function* leftAt(
  archives: Archives,
  location: Location,
  prefix: Key,
  options: CallOptions,
): AsyncGenerator<ArchivedRow> {
  for await (const row of archives.list(locationId(location), prefix, options))
    if (row.command !== 'restore') yield row
}

async function* rememberedAt(
  place: ArchivePlace,
  { archives, signal }: ArchivesOptions,
): AsyncGenerator<ArchivedEntry['entry']> {
  const { store, prefix, pattern } = place
  const tree = asTree(place).prefix
  for await (const row of leftAt(archives, store.location, prefix, { signal })) {
    const isBelow = row.key === prefix || row.key.startsWith(tree)
    if (isBelow && (pattern?.covers(row.key.slice(tree.length)) ?? true)) yield row
  }
}

async function* listedAt(
  place: ArchivePlace,
  archive: Archive,
  { recursive, signal, meter }: ArchivesOptions,
): AsyncGenerator<Entry> {
  const { store, prefix, pattern } = place
  const call = { signal, meter }
  if (pattern) {
    for await (const entry of someMatching('archiveState', place, pattern, { recursive, ...call }))
      if (archive.mayHold(entry)) yield entry
    return
  }
  const object = await entryAt(place, call)
  if (object && archive.mayHold(object)) yield object
  let isThere = object !== undefined
  const tree = asTree(place).prefix
  for await (const entry of recursive ? store.list(tree, call) : []) {
    isThere = true
    if (archive.mayHold(entry)) yield entry
  }
  // A bucket may be empty.
  if (isThere || tree === emptyKey) return
  throw new HawserError('not-found', 'nothing is there', {
    op: 'archiveState',
    location: store.location,
    key: prefix,
    hint: recursive ? undefined : 'A prefix is thawed with -r.',
  })
}
