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

  /** Whether the source has nothing under the name of the list that this one belongs to. */
  isMissing(name: string): boolean {
    return this.#found.get(this.#listed(name)) === 'nothing'
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

const lookups = { limit: 16, ahead: 64 }

/**
 * What a place has under the names, in order. A name is an object's; where there is none, all that lies below it.
 * @param onFound told what each name is, where that is not a directory, before any later name is given
 */
export async function* entriesOfNames(
  place: Place,
  list: NameList,
  options: ListOptions & CallOptions,
  onFound: (name: string, found: 'object' | 'nothing') => void = () => {},
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
    for await (const entry of place.store.list(joinKey(place.prefix, tree), options)) {
      found = true
      yield entry
    }
    if (!found) onFound(tree.slice(0, -1), 'nothing')
  }
  for await (const { name, entry } of inOrder(list.names, lookups, lookUp)) {
    for (const tree of trees.before(name)) yield* below(tree)
    if (isBelow(name, done)) continue
    if (entry && entry.kind !== 'directory') {
      onFound(name, 'object')
      yield entry
    } else trees.add(`${name}/`)
  }
  for (const tree of trees.before(undefined)) yield* below(tree)
}

function isBelow(name: string, tree: string | undefined): boolean {
  return tree !== undefined && name.startsWith(tree)
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
