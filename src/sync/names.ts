// A run on names that were given (`--files-from`): each is looked up by itself, and nothing else is listed.
import { HawserError } from '../core/errors.ts'
import { compareKeys, joinKey, type Key, toKey } from '../core/key.ts'
import type { Place } from '../core/place.ts'
import type { CallOptions, Entry, ListOptions } from '../core/store.ts'
import type { PairIndex, PairRow, TreePair } from '../state/types.ts'
import { inOrder } from './in-order.ts'
import { statOrUndefined } from './look.ts'
import type { Named } from './merge.ts'

/** The names of objects, and of directories, with or without a `/` behind them. */
export class NameList {
  /** In order, none below another one. */
  readonly names: readonly string[]
  readonly #names: ReadonlySet<string>
  readonly #missing = new Set<string>()

  constructor(given: readonly string[]) {
    const all = new Set(given.map((name) => name.replace(/\/+$/, '')).filter((name) => name !== ''))
    this.names = [...all].filter((name) => !hasParentIn(all, name)).toSorted(compareKeys)
    this.#names = new Set(this.names)
  }

  /** The source has nothing under this name of the list. */
  missed(name: string): void {
    this.#missing.add(name)
  }

  /** Whether the source has nothing under the name of the list that this one belongs to. */
  isMissing(name: string): boolean {
    return this.#missing.size > 0 && this.#missing.has(this.#listed(name))
  }

  #listed(name: string): string {
    for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1))
      if (this.#names.has(name.slice(0, end))) return name.slice(0, end)
    return name
  }
}

function hasParentIn(names: ReadonlySet<string>, name: string): boolean {
  for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1))
    if (names.has(name.slice(0, end))) return true
  return false
}

const lookupsAtOnce = 16

/**
 * What a place has under the names, in order. A name is an object's; where there is none, all that lies below it.
 * @param onMissing told of each name that nothing is under, before any later name is given
 */
export async function* entriesOfNames(
  place: Place,
  list: NameList,
  options: ListOptions & CallOptions,
  onMissing: (name: string) => void = () => {},
): AsyncGenerator<Named<Entry>> {
  const lookUp = async (name: string): Promise<{ name: string; entry: Entry | undefined }> => ({
    name,
    entry: await statOrUndefined(place.store, joinKey(place.prefix, name), options),
  })
  // `a-b` comes before what lies below `a`: those directories are kept until their place in the order has come.
  const trees = new SortedNames()
  for await (const { name, entry } of inOrder(list.names, lookupsAtOnce, lookUp)) {
    for (const tree of trees.before(name)) yield* entriesBelow(place, tree, options, onMissing)
    if (entry && entry.kind !== 'directory') yield { name, value: entry }
    else trees.add(`${name}/`)
  }
  for (const tree of trees.before(undefined)) yield* entriesBelow(place, tree, options, onMissing)
}

async function* entriesBelow(
  { store, prefix }: Place,
  tree: string,
  options: ListOptions,
  onMissing: (name: string) => void,
): AsyncGenerator<Named<Entry>> {
  let found = false
  for await (const value of store.list(joinKey(prefix, tree), options)) {
    found = true
    yield { name: value.key.slice(prefix.length), value }
  }
  if (!found) onMissing(tree.slice(0, -1))
}

/** Rows of the names and of what lies below them, in order. */
export async function* rowsOfNames(
  pairs: PairIndex,
  pair: TreePair,
  list: NameList,
  signal: AbortSignal | undefined,
): AsyncGenerator<Named<PairRow>> {
  const trees = new SortedNames()
  const below = (tree: string): AsyncIterable<PairRow> =>
    pairs.scan(pair, { prefix: toKey(tree), signal })
  for (const name of list.names) {
    for (const tree of trees.before(name))
      for await (const value of below(tree)) yield { name: value.key, value }
    const value = await pairs.get(pair, toKey(name))
    if (value) yield { name, value }
    trees.add(`${name}/`)
  }
  for (const tree of trees.before(undefined))
    for await (const value of below(tree)) yield { name: value.key, value }
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
