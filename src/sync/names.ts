// A run on names that were given (`--files-from`): each is looked up by itself, and nothing else is listed.
import { HawserError } from '../core/errors.ts'
import { compareKeys, joinKey, type Key, toKey } from '../core/key.ts'
import type { Place } from '../core/place.ts'
import type { CallOptions, Entry, ListOptions } from '../core/store.ts'
import type { PairIndex, PairRow, TreePair } from '../state/types.ts'
import { inOrder } from './in-order.ts'
import { statOrUndefined } from './look.ts'

/** The names of objects, and of directories, with or without a `/` behind them. */
export class NameList {
  /** In order. */
  readonly names: readonly string[]
  /** What the source has under each, once that is known. */
  readonly #found = new Map<string, 'object' | 'nothing' | undefined>()

  constructor(given: readonly string[]) {
    const all = new Set(given.map((name) => name.replace(/\/+$/, '')).filter((name) => name !== ''))
    this.names = [...all].toSorted(compareKeys)
    for (const name of this.names) this.#found.set(name, undefined)
  }

  note(name: string, found: 'object' | 'nothing'): void {
    this.#found.set(name, found)
  }

  has(name: string): boolean {
    return this.#found.has(name)
  }

  /** Whether the source has nothing under the name of the list that this one belongs to. */
  isMissing(name: string): boolean {
    return this.#found.get(this.#listed(name)) === 'nothing'
  }

  /** Whether a directory of the list that the source has, has or would have this name in it. */
  isInDirectory(name: string): boolean {
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const above = name.slice(0, slash)
      if (this.#found.has(above) && this.#found.get(above) === undefined) return true
    }
    return false
  }

  /** Names of the list that lie below another one, in the order in which it is certain that a listing has passed them. */
  below(tree: string): string[] {
    let from = 0
    for (let to = this.names.length; from < to;) {
      const middle = (from + to) >>> 1
      if (compareKeys(this.names[middle] ?? '', tree) < 0) from = middle + 1
      else to = middle
    }
    const below: string[] = []
    for (; this.names[from]?.startsWith(tree) === true; from++) below.push(this.names[from] ?? '')
    return below.toSorted((a, b) => compareKeys(behind(a), behind(b)))
  }

  /** Whether the source has an object of this name, as far as it was looked up. */
  isObject(name: string): boolean {
    return this.#found.get(name) === 'object'
  }

  /** Below a name that is an object's in the source: the list says nothing of it. */
  isBelowObject(name: string): boolean {
    const listed = this.#listed(name)
    return listed !== name && this.#found.get(listed) === 'object'
  }

  /** The longest name of the list that this one is, or lies below. */
  #listed(name: string): string {
    let listed = name
    while (!this.#found.has(listed)) {
      const slash = listed.lastIndexOf('/')
      if (slash < 0) return name
      listed = listed.slice(0, slash)
    }
    return listed
  }
}

/** The first name behind all that lies below this one: `0` follows `/`. */
export function behind(name: string): string {
  return `${name}0`
}

const lookups = { limit: 16, ahead: 64 }

/**
 * What a place has under the names, in order. A name is an object's; where there is none, all that lies below it.
 * @param onFound told what each name is, where that is not a directory, before any later name is given
 * @param alsoBelow whether what lies below an object is wanted too; asked once the object was taken
 */
export async function* entriesOfNames(
  place: Place,
  list: NameList,
  options: ListOptions & CallOptions,
  onFound: (name: string, found: 'object' | 'nothing') => void = () => {},
  alsoBelow: (name: string) => boolean = () => false,
): AsyncGenerator<Entry> {
  const lookUp = async (name: string): Promise<{ name: string; entry: Entry | undefined }> => ({
    name,
    entry: await statOrUndefined(place.store, joinKey(place.prefix, name), options),
  })
  // `a-b` comes before what lies below `a`: those directories are kept until their place in the order has come.
  const trees = new SortedNames()
  let done: string | undefined
  async function* below(tree: string): AsyncGenerator<Entry> {
    if (isBelow(tree, done)) return
    done = tree
    let found = false
    const inner = new Awaited(list.below(tree), (name) => onFound(name, 'nothing'))
    const leaveOut = (directory: string): void => inner.leaveOut(directory)
    for await (const entry of entriesBelow(place, tree, options, leaveOut)) {
      found = true
      inner.meet(entry.key.slice(place.prefix.length))
      // On a disk, what tells an empty directory from none.
      if (entry.kind !== 'directory' || options.directories || !place.store.traits.hierarchical)
        yield entry
    }
    inner.end()
    if (!found) onFound(tree.slice(0, -1), 'nothing')
  }
  for await (const { name, entry } of inOrder(list.names, lookups, lookUp)) {
    for (const tree of trees.before(name)) yield* below(tree)
    if (isBelow(name, done)) continue
    if (entry && entry.kind !== 'directory') {
      onFound(name, 'object')
      yield entry
      if (alsoBelow(name)) trees.add(`${name}/`)
    } else trees.add(`${name}/`)
  }
  for (const tree of trees.before(undefined)) yield* below(tree)
}

/** Names of the list in a directory of the list, which is listed as a whole: each is met there, or is missing. */
class Awaited {
  readonly #names: readonly string[]
  readonly #unmet: Set<string>
  readonly #onMissing: (name: string) => void
  #next = 0

  /** @param names in the order of what is behind them */
  constructor(names: readonly string[], onMissing: (name: string) => void) {
    this.#names = names
    this.#unmet = new Set(names)
    this.#onMissing = onMissing
  }

  meet(name: string): void {
    if (this.#unmet.size === 0) return
    this.#pass((one) => compareKeys(behind(one), name) <= 0)
    this.#unmet.delete(name)
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1))
      this.#unmet.delete(name.slice(0, slash))
  }

  /** What filters leave out is not looked at, and so it is not said to be missing. */
  leaveOut(directory: string): void {
    for (const name of this.#unmet) if (name.startsWith(directory)) this.#unmet.delete(name)
  }

  end(): void {
    this.#pass(() => true)
  }

  #pass(isPast: (name: string) => boolean): void {
    for (; ; this.#next++) {
      const name = this.#names[this.#next]
      if (name === undefined || !isPast(name)) return
      if (this.#unmet.delete(name)) this.#onMissing(name)
    }
  }
}

function isBelow(name: string, tree: string | undefined): boolean {
  return tree !== undefined && name.startsWith(tree)
}

function entriesBelow(
  { store, prefix }: Place,
  tree: string,
  options: ListOptions,
  onLeftOut: (directory: string) => void,
): AsyncIterable<Entry> {
  const { enter } = options
  const entering: ListOptions['enter'] =
    enter &&
    (async (directory) => {
      const enters = await enter(directory)
      if (!enters) onLeftOut(directory.slice(prefix.length))
      return enters
    })
  return store.list(joinKey(prefix, tree), { ...options, directories: true, enter: entering })
}

/** Rows of the names and of what lies below them, in order. */
export async function* rowsOfNames(
  pairs: PairIndex,
  pair: TreePair,
  list: NameList,
  signal: AbortSignal | undefined,
): AsyncGenerator<PairRow> {
  const trees = new SortedNames()
  let done: string | undefined
  async function* below(tree: string): AsyncGenerator<PairRow> {
    if (isBelow(tree, done)) return
    done = tree
    for await (const row of pairs.scan(pair, { prefix: toKey(tree), signal })) yield row
  }
  for (const name of list.names) {
    for (const tree of trees.before(name)) yield* below(tree)
    if (isBelow(name, done)) continue
    const row = await pairs.get(pair, toKey(name))
    if (row) yield row
    trees.add(`${name}/`)
  }
  for (const tree of trees.before(undefined)) yield* below(tree)
}

class SortedNames {
  readonly #names: string[] = []

  add(name: string): void {
    let at = this.#names.length
    while (at > 0 && compareKeys(this.#names[at - 1] ?? '', name) > 0) at--
    this.#names.splice(at, 0, name)
  }

  /** Takes those out that come before the name; all of them where there is none. */
  before(name: string | undefined): string[] {
    const end = this.#names.findIndex((one) => name !== undefined && compareKeys(one, name) > 0)
    return this.#names.splice(0, end < 0 ? this.#names.length : end)
  }
}

/** A name of the list that the source does not have. */
export function missingName({ store, prefix }: Place, name: string): HawserError {
  const key: Key = joinKey(prefix, name)
  return new HawserError('not-found', 'a name of the list is not there', {
    op: 'list',
    location: store.location,
    key,
    hint: '--ignore-missing-args passes it over, --delete-missing-args removes it from the destination.',
  })
}
