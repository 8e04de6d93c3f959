// What changed in a directory since it was synced, from what this machine knows: no service is asked, nothing is changed.
import { asHawserError, type HawserError } from '../core/errors.ts'
import { compareKeys, emptyKey, joinKey, type Key, toKey } from '../core/key.ts'
import { type Location, locationOf } from '../core/location.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, Entry } from '../core/store.ts'
import type { FilterOptions } from '../filter/types.ts'
import type { Seen, SourceRow, Spool, SpoolItem, State, TreePair } from '../state/types.ts'
import { keepsEnough } from './decide.ts'
import { leftAt } from './archives.ts'
import { mergeByName, noStream } from './merge.ts'
import { openFilter } from './open-filter.ts'
import type { LinkPolicy } from './options.ts'
import type { Synced } from './synced.ts'

export interface StatusOptions extends FilterOptions, CallOptions {
  readonly state: State
  /** Directories and links count, too, and so does what was synced without its attributes. */
  readonly archive?: boolean | undefined
  readonly links?: LinkPolicy | undefined
  /** Told of each name that cannot be looked at. */
  readonly onProblem?: ((error: HawserError) => void) | undefined
}

export type Change = 'new' | 'changed' | 'renamed' | 'removed'

/** A name of which there is something to tell. */
export interface Changed {
  readonly name: string
  /** Undefined where it is as it was, and something else is to be told of it. */
  readonly change: Change | undefined
  /** Of what is renamed, its name before. */
  readonly from: string | undefined
  /** Bytes; of what is removed, those that it had. */
  readonly size: number
  /** A run left it because it is archived at the destination. */
  readonly archived: boolean
  /** The last run that came to it left it because of a conflict. */
  readonly conflicting: boolean
}

export interface StatusTotals {
  readonly new: number
  readonly changed: number
  readonly renamed: number
  readonly removed: number
  readonly archived: number
  readonly conflicting: number
  readonly unchanged: number
  /** Of what is new or changed. */
  readonly bytes: number
}

/**
 * Names in order, then what they come to. Memory does not grow with the directory: what changed is kept on disk until
 * all is seen, as a new name may be that of a file that had another one.
 * @throws HawserError not-found where the directory is missing
 */
export async function* status(
  from: Place,
  synced: Synced,
  options: StatusOptions,
): AsyncGenerator<Changed, StatusTotals> {
  await using spool = await options.state.spool()
  const source = asTree(from)
  const survey = new Survey(spool)
  await survey.look(source, synced, options)
  await survey.match()
  for await (const { payload } of spool.read(told, 'ascending')) yield parse(payload)
  return survey.totals
}

/** Of the spool: what is told, by name; new and gone files, by what stays when a file gets another name. */
const told = 'told'
const fresh = 'new'
const gone = 'gone'

class Survey {
  readonly #spool: Spool
  #counts = {
    new: 0,
    changed: 0,
    renamed: 0,
    removed: 0,
    archived: 0,
    conflicting: 0,
    unchanged: 0,
    bytes: 0,
  }

  constructor(spool: Spool) {
    this.#spool = spool
  }

  get totals(): StatusTotals {
    return this.#counts
  }

  async look(source: Place, { pair, below }: Synced, options: StatusOptions): Promise<void> {
    const { state, archive = false, links, signal } = options
    const filter = await openFilter(options, source, { signal })
    /** What could not be looked at, until its place in the order is past. */
    let unseen: string[] = []
    const keepLinks = links === undefined ? archive : links === 'preserve'
    const entries = source.store.list(source.prefix, {
      directories: archive,
      enter:
        filter && ((directory) => filter.enters(directory.slice(source.prefix.length), 'source')),
      onProblem: (problem) => {
        const error = asHawserError(problem, { op: 'list' })
        unseen.push(asDirectory((error.key ?? source.prefix).slice(source.prefix.length)))
        options.onProblem?.(error)
      },
      signal,
    })
    const names = mergeByName(
      { items: entries, prefix: source.prefix },
      { items: notes(state, pair, below, signal), prefix: '' },
      { items: state.pairs.scanSources(pair, { prefix: below, signal }), prefix: below },
    )
    for await (const { name, source: entry, target: note, row } of names) {
      if (name.endsWith('/') && !archive) continue
      unseen = unseen.filter((at) => isIn(at, name) || compareKeys(name, at) < 0)
      if (!entry && unseen.some((at) => isIn(at, name))) continue
      if (!row && entry && isPassedOver(entry, keepLinks)) continue
      if (filter && (await filter.judge(name, entry, undefined)).hidden) continue
      const isSame =
        entry && row && isAsSeen(entry, row.source) && keepsEnough(row, archive ? 'all' : undefined)
      if (isSame && !note) this.#counts.unchanged++
      else await this.#note(name, entry, row, note, isSame)
    }
  }

  async #note(
    name: string,
    entry: Entry | undefined,
    row: SourceRow | undefined,
    note: Note | undefined,
    isSame: boolean | undefined,
  ): Promise<void> {
    const { archived = false, conflicting = false } = note ?? {}
    const size = entry?.size ?? row?.source.size ?? 0
    const changed: Changed = {
      name,
      change: undefined,
      from: undefined,
      size,
      archived,
      conflicting,
    }
    if (entry && row) await this.#tell(isSame ? changed : { ...changed, change: 'changed' })
    else if (entry)
      await this.#spool.push(fresh, traceOf(entry, entry.file?.inode), format(changed))
    else if (row)
      await this.#spool.push(gone, traceOf(row.source, row.source.inode), format(changed))
  }

  /** A new file that is what a gone one was has been renamed. */
  async match(): Promise<void> {
    const [added, lost] = [fresh, gone].map((kind) => this.#spool.read(kind, 'ascending'))
    if (!added || !lost) return
    for await (const [now, before] of inPairs(added, lost)) {
      const here = now && parse(now.payload)
      const old = before && parse(before.payload)
      if (here && old && now.order !== untraced)
        await this.#tell({
          ...here,
          change: 'renamed',
          from: old.name,
          archived: here.archived || old.archived,
          conflicting: here.conflicting || old.conflicting,
        })
      else {
        if (here) await this.#tell({ ...here, change: 'new' })
        if (old) await this.#tell({ ...old, change: 'removed' })
      }
    }
  }

  async #tell(changed: Changed): Promise<void> {
    const { change, size, archived, conflicting } = changed
    const counts = this.#counts
    counts[change ?? 'unchanged']++
    if (change === 'new' || change === 'changed') counts.bytes += size
    if (archived) counts.archived++
    if (conflicting) counts.conflicting++
    await this.#spool.push(told, changed.name, format(changed))
  }
}

function asDirectory(name: string): string {
  return name === '' || name.endsWith('/') ? name : `${name}/`
}

/** Also where it is what the directory would be. */
function isIn(directory: string, name: string): boolean {
  return name.startsWith(directory) || `${name}/` === directory
}

function isPassedOver({ kind }: Entry, keepLinks: boolean): boolean {
  return kind === 'special' || (kind === 'symlink' && !keepLinks)
}

/**
 * As when it was recorded. A directory's time says nothing of itself; where a file system counts in seconds, no change
 * time was recorded.
 */
function isAsSeen({ kind, size, modified, file }: Entry, seen: Seen): boolean {
  if (kind === 'directory') return true
  return (
    size === seen.size &&
    modified === seen.modified &&
    file?.inode === seen.inode &&
    (seen.ctime === undefined || file?.ctime === seen.ctime)
  )
}

/** What cannot be told from others. */
const untraced = ''

/** What stays of a file when it gets another name. */
function traceOf(
  { size, modified }: { readonly size: number; readonly modified: bigint },
  inode: bigint | undefined,
): string {
  return inode === undefined ? untraced : `${inode}/${size}/${modified}`
}

/** Items of two ordered streams: those with the same order together, one with one. */
async function* inPairs(
  first: AsyncIterable<SpoolItem>,
  second: AsyncIterable<SpoolItem>,
): AsyncGenerator<readonly [SpoolItem | undefined, SpoolItem | undefined]> {
  const [a, b] = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()]
  let [x, y] = [await a.next(), await b.next()]
  while (!x.done || !y.done) {
    const order = x.done ? 1 : y.done ? -1 : compareKeys(x.value.order, y.value.order)
    yield [order <= 0 && !x.done ? x.value : undefined, order >= 0 && !y.done ? y.value : undefined]
    if (order <= 0) x = await a.next()
    if (order >= 0) y = await b.next()
  }
}

/** What earlier runs left to be told of a name. */
interface Note {
  readonly key: Key
  readonly archived: boolean
  readonly conflicting: boolean
}

async function* notes(
  { archives, pairs }: State,
  pair: TreePair,
  below: Key,
  signal: AbortSignal | undefined,
): AsyncGenerator<Note> {
  const { store, prefix } = storeOf(locationOf(pair.target))
  const at = joinKey(prefix, below)
  const names = mergeByName(
    { items: leftAt(archives, store, at, { signal }), prefix: at },
    { items: pairs.conflicts(pair, { prefix: below, signal }), prefix: below },
    noStream(),
  )
  for await (const { name, source: archived, target: conflict } of names)
    yield {
      key: toKey(name),
      archived: archived !== undefined,
      conflicting: conflict !== undefined,
    }
}

/** A place as the store that its objects are in, and what their keys begin with. */
function storeOf(place: Location): { readonly store: Location; readonly prefix: Key } {
  const slash = place.root.indexOf('/')
  if (place.scheme === 'file' || slash < 0) return { store: place, prefix: emptyKey }
  const { root } = place
  return {
    store: { ...place, root: root.slice(0, slash) },
    prefix: toKey(`${root.slice(slash + 1)}/`),
  }
}

function format(changed: Changed): string {
  return JSON.stringify(changed)
}

function parse(payload: string): Changed {
  const changed: Changed = JSON.parse(payload)
  return changed
}
