// Lists what a pattern means: level by level, so that nothing is listed that cannot match; as a whole only where it may
// lie at any depth. Streams as the store's own listing does: holds some pages for each level.
import { HawserError } from '../core/errors.ts'
import { compareKeys, joinKey, type Key } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { Entry, ListOptions } from '../core/store.ts'
import { inTurn, type Part, Turn } from './in-turn.ts'
import type { Pattern } from './pattern.ts'

export interface MatchingOptions extends Omit<ListOptions, 'shallow'> {
  /** Also all that lies below a directory that matches. */
  readonly recursive?: boolean | undefined
  /** Also directories that match; with `recursive`, as the store's own listing has them. */
  readonly directories?: boolean | undefined
}

/** Entries in the order of the store. The names that are matched are those below the place, as a tree. */
export async function* listMatching(
  place: Place,
  pattern: Pattern,
  options: MatchingOptions = {},
): AsyncGenerator<Entry> {
  const { after } = options
  const entries = new Listing(asTree(place), pattern, options).from('', new Turn().take())
  for await (const entry of entries)
    if (after === undefined || compareKeys(entry.key, after) > 0) yield entry
}

/**
 * The same, where something has to be there.
 * @param op of the error
 * @throws HawserError not-found where nothing matches
 */
export async function* someMatching(
  op: string,
  place: Place,
  pattern: Pattern,
  options: MatchingOptions = {},
): AsyncGenerator<Entry> {
  let found = false
  for await (const entry of listMatching(place, pattern, options)) {
    found = true
    yield entry
  }
  if (!found) throw nothingMatches(op, place, pattern)
}

export function nothingMatches(op: string, place: Place, pattern: Pattern): HawserError {
  const { store, prefix } = asTree(place)
  return new HawserError('not-found', `nothing matches ${pattern.text}`, {
    op,
    location: store.location,
    key: prefix,
    hint: pattern.hint,
  })
}

class Listing {
  readonly #place: Place
  readonly #pattern: Pattern
  readonly #options: MatchingOptions

  constructor(place: Place, pattern: Pattern, options: MatchingOptions) {
    this.#place = place
    this.#pattern = pattern
    this.#options = options
  }

  /** What matches below a directory. */
  from(directory: string, turn: Turn): AsyncGenerator<Entry> {
    return this.#pattern.needsAllBelow(directory)
      ? this.#deep(directory)
      : inTurn(this.#parts(directory), turn)
  }

  /** Directories are listed when their turn comes, or somewhat before. */
  async *#parts(directory: string): AsyncGenerator<Part<Entry>> {
    for (const beginning of this.#pattern.beginnings(directory)) {
      const name = directory + beginning
      if (!beginning.endsWith('/')) yield* this.#level(directory, beginning)
      else if (await this.#enters(name)) yield { open: (turn) => this.from(name, turn) }
    }
  }

  /** The names of one level that begin so, and what is below them. */
  async *#level(directory: string, beginning: string): AsyncGenerator<Part<Entry>> {
    const { store } = this.#place
    const { recursive, directories, signal, meter, onProblem } = this.#options
    const shallow = { shallow: true, signal, meter, onProblem }
    for await (const entry of store.list(this.#key(directory + beginning), shallow)) {
      const name = this.#name(entry)
      // The key of the directory itself.
      if (name === directory) continue
      const matches = this.#pattern.matches(name)
      if (!name.endsWith('/')) {
        if (matches) yield { item: entry }
      } else if (matches && recursive) {
        if (await this.#enters(name)) yield { open: () => this.#all(name) }
      } else {
        if (matches && directories) yield { item: entry }
        if (this.#pattern.mayMatchBelow(name) && (await this.#enters(name)))
          yield { open: (turn) => this.from(name, turn) }
      }
    }
  }

  /** What matches at any depth below. */
  async *#deep(directory: string): AsyncGenerator<Entry> {
    const { recursive = false, directories = false } = this.#options
    const pattern = this.#pattern
    const wanted = (name: string): boolean =>
      recursive ? pattern.covers(name) : pattern.matches(name)
    const entries = this.#all(
      directory,
      (name) => pattern.mayMatchBelow(name) || (recursive && pattern.covers(name)),
    )
    const { hierarchical } = this.#place.store.traits
    const told =
      directories && !recursive && !hierarchical ? this.#withDirectories(entries) : entries
    for await (const entry of told) {
      if (entry.kind === 'directory' && !directories && !recursive) continue
      const name = this.#name(entry)
      // The directory itself was told where it is.
      if (name !== directory && wanted(name)) yield entry
    }
  }

  /** All that lies below a directory. */
  #all(directory: string, enters?: (name: string) => boolean): AsyncIterable<Entry> {
    const { store } = this.#place
    const { directories, signal, meter, onProblem } = this.#options
    return store.list(this.#key(directory), {
      directories,
      signal,
      meter,
      onProblem,
      enter: async (key) => {
        const name = key.slice(this.#place.prefix.length)
        return (enters?.(name) ?? true) && this.#enters(name)
      },
    })
  }

  /** Object stores have no directories: they are told where the first name below them comes. */
  async *#withDirectories(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
    let last = ''
    for await (const entry of entries) {
      const name = this.#name(entry)
      for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
        const directory = name.slice(0, slash + 1)
        if (directory !== name && !last.startsWith(directory))
          yield {
            key: this.#key(directory),
            kind: 'directory',
            size: 0,
            modified: 0n,
            etag: undefined,
          }
      }
      last = name
      yield entry
    }
  }

  /** Whether to look below a directory: not where all of it comes before what is wanted, or who lists does not want it. */
  async #enters(directory: string): Promise<boolean> {
    const { after, enter } = this.#options
    const key = this.#key(directory)
    if (after !== undefined && compareKeys(key, after) < 0 && !after.startsWith(key)) return false
    if (!enter || !this.#place.store.traits.hierarchical) return true
    return enter(key)
  }

  #key(name: string): Key {
    return joinKey(this.#place.prefix, name)
  }

  #name({ key }: Entry): string {
    return key.slice(this.#place.prefix.length)
  }
}
