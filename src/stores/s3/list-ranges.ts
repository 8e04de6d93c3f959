// The pages of one listing in their order, several ranges of keys at once where there are many.
//
// A listing begins as any other, page by page. When it has gone on for long, ranges further on are begun at guessed
// keys, and wait with some pages until it is their turn. What is guessed decides about speed alone: the ranges cover all
// keys, and each key is in one of them. Guesses that turn out bad cost requests, of which a tenth more may be spent.
import { compareKeys, emptyKey, type Key } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import { KeyShape } from './key-ahead.ts'

export interface Page {
  /** In the order of their keys. */
  readonly entries: readonly Entry[]
  readonly problems: readonly PageProblem[]
  /** Undefined for the last page. */
  readonly next: string | undefined
}

/** A name that is no key. */
export interface PageProblem {
  readonly error: Error
  /** The name as bytes. */
  readonly name: Uint8Array
}

/** Where a page begins: behind a key, or where another page ended. */
export type PageStart = { readonly after: Key | undefined } | { readonly token: string }

export interface RangeOptions {
  readonly prefix: Key
  readonly after: Key | undefined
  /** One range only. */
  readonly serial: boolean
}

/** So many pages come one by one, before ranges are begun. */
const pagesBefore = 10
const mostRanges = 6
/** How many pages a range should have; guesses are not exact, and what it holds is somewhat more. */
const rangePages = 6
const mostHeld = 8
/** The share of requests that may be spent on guesses. */
const spend = 0.1

export async function* pagesInOrder(
  fetch: (start: PageStart) => Promise<Page>,
  options: RangeOptions,
): AsyncGenerator<Page> {
  const listing = new Listing(fetch, options)
  try {
    yield* listing.pages()
  } finally {
    listing.stop()
  }
}

class Listing {
  readonly #fetch: (start: PageStart) => Promise<Page>
  readonly #shape: KeyShape
  /** In order; the first is read now, the last is open to the end. */
  #ranges: Range[]
  #mayGuess: boolean
  /** Pages that came. */
  #pages = 0
  /** Pages that came for nothing. */
  #wasted = 0

  constructor(fetch: (start: PageStart) => Promise<Page>, { prefix, after, serial }: RangeOptions) {
    this.#fetch = fetch
    this.#shape = new KeyShape(prefix)
    this.#mayGuess = !serial
    this.#ranges = [this.#begin(after, false)]
  }

  async *pages(): AsyncGenerator<Page> {
    for (let range = this.#ranges[0]; range; range = this.#ranges[0]) {
      const page = await range.take()
      if (page) yield page
      else {
        this.#ranges.shift()
        this.#guess()
      }
    }
  }

  stop(): void {
    for (const range of this.#ranges) range.stop()
    this.#ranges = []
  }

  #begin(after: Key | undefined, guessed: boolean): Range {
    const range: Range = new Range(after, this.#fetch, {
      holds: () => (this.#pages < pagesBefore || !this.#mayGuess ? 1 : mostHeld),
      onPage: (page) => this.#came(range, page),
      onWaste: (share) => (this.#wasted += share),
      onIgnored: guessed ? () => this.#dropFrom(range) : undefined,
    })
    return range
  }

  #came(range: Range, { entries }: Page): void {
    this.#pages++
    if (entries.length === 0) this.#wasted++
    if (!this.#mayGuess) return
    this.#shape.add(entries)
    if (range === this.#ranges.at(-1)) this.#guess()
  }

  /** Begins ranges behind the last one, as many as may be. */
  #guess(): void {
    const last = this.#ranges.at(-1)
    if (!this.#mayGuess || !last || this.#pages < pagesBefore) return
    const { first, newest, count } = last
    if (last.ended || first === undefined || newest === undefined) return
    let distance = Math.max(1, rangePages - count)
    for (; this.#ranges.length < mostRanges && this.#mayBegin(); distance += rangePages) {
      const after = this.#shape.ahead(first, newest, distance / count)
      const before = this.#ranges.at(-1)
      if (after === undefined || !before || last.reaches(after)) return
      const next = this.#begin(after, true)
      before.endAt(after, next)
      this.#ranges.push(next)
    }
  }

  /** Each range that ends at a guess wastes about half a page, and one that was begun may find nothing. */
  #mayBegin(): boolean {
    const begun = this.#ranges.slice(1).filter((range) => range.count === 0).length
    const cost = this.#wasted + begun + 0.5 * (this.#ranges.length - 1) + 1.5
    return cost <= spend * this.#pages + 1
  }

  /** The service does not begin where it is asked to: the range before goes on to the end. */
  #dropFrom(range: Range): void {
    this.#mayGuess = false
    const at = this.#ranges.indexOf(range)
    if (at < 1) return
    for (const dropped of this.#ranges.splice(at)) dropped.stop()
    this.#ranges.at(-1)?.endAt(undefined, undefined)
  }
}

interface RangeHooks {
  /** How many pages may wait. */
  readonly holds: () => number
  readonly onPage: (page: Page) => void
  readonly onWaste: (share: number) => void
  /** The first page begins with a key that was not asked for. */
  readonly onIgnored: (() => void) | undefined
}

/** The pages behind one key up to another one, fetched ahead of their reader. */
class Range {
  /** The first key that came, and the newest; how many pages there were. */
  first: Key | undefined
  newest: Key | undefined
  count = 0
  ended = false
  /** Its first page has come, or never will. */
  begun = false
  readonly #after: Key | undefined
  readonly #fetch: (start: PageStart) => Promise<Page>
  readonly #hooks: RangeHooks
  readonly #waiting: Page[] = []
  readonly #whenBegun = Promise.withResolvers<void>()
  #newestProblem: Uint8Array | undefined
  #until: Key | undefined
  #following: Range | undefined
  #failure: { readonly error: unknown } | undefined
  #stopped = false
  #wakeReader: () => void = nobody
  #wakeFetcher: () => void = nobody

  constructor(
    after: Key | undefined,
    fetch: (start: PageStart) => Promise<Page>,
    hooks: RangeHooks,
  ) {
    this.#after = after
    this.#fetch = fetch
    this.#hooks = hooks
    void this.#run()
  }

  /** The range ends with this key; `following` begins behind it. */
  endAt(until: Key | undefined, following: Range | undefined): void {
    this.#until = until
    this.#following = following
  }

  /** Whether what has come goes on behind the key. */
  reaches(key: Key): boolean {
    const { newest } = this
    if (newest !== undefined && isAfter(newest, key)) return true
    return this.#newestProblem !== undefined && isNameAfter(this.#newestProblem, key)
  }

  /** The next page; undefined behind the last one. @throws what fetching failed with */
  async take(): Promise<Page | undefined> {
    for (;;) {
      const page = this.#waiting.shift()
      this.#wakeFetcher()
      if (page) return page
      if (this.#failure) throw this.#failure.error
      if (this.ended) return undefined
      await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
  }

  stop(): void {
    this.#stopped = true
    this.#wakeFetcher()
  }

  async #run(): Promise<void> {
    try {
      await this.#fetchAll()
    } catch (error) {
      this.#failure = { error }
    } finally {
      this.ended = true
      this.#nowBegun()
      this.#wakeReader()
    }
  }

  async #fetchAll(): Promise<void> {
    let start: PageStart | undefined = { after: this.#after }
    while (start && !this.#stopped) {
      const page: Page = await this.#fetch(start)
      if (this.#stopped) return
      start = page.next === undefined ? undefined : { token: page.next }
      if (this.#hooks.onIgnored && this.first === undefined && this.#isIgnored(page))
        return this.#hooks.onIgnored()
      // If the range that follows does not begin where this one ends, this one does not end.
      while (this.#endsIn(page) && this.#following?.begun === false)
        await this.#following.#whenBegun.promise
      // From here to the hook in one go: the range may be told to end behind what came, never before.
      const kept = this.#endsIn(page) ? this.#upToEnd(page) : page
      this.count++
      this.first ??= page.entries[0]?.key
      this.newest = page.entries.at(-1)?.key ?? this.newest
      this.#newestProblem = page.problems.at(-1)?.name ?? this.#newestProblem
      if (kept !== page) start = undefined
      this.ended = start === undefined
      this.#waiting.push(kept)
      this.#hooks.onPage(page)
      this.#nowBegun()
      this.#wakeReader()
      while (this.#waiting.length >= this.#hooks.holds() && !this.#stopped)
        await new Promise<void>((resolve) => (this.#wakeFetcher = resolve))
    }
  }

  #isIgnored({ entries }: Page): boolean {
    const [begin] = entries
    return begin !== undefined && this.#after !== undefined && !isAfter(begin.key, this.#after)
  }

  /** Whether the page goes on behind the end of this range. */
  #endsIn({ entries, problems }: Page): boolean {
    const until = this.#until
    if (until === undefined) return false
    const [key, name] = [entries.at(-1)?.key, problems.at(-1)?.name]
    return (
      (key !== undefined && isAfter(key, until)) || (name !== undefined && isNameAfter(name, until))
    )
  }

  #upToEnd(page: Page): Page {
    const until = this.#until ?? emptyKey
    const entries = page.entries.filter(({ key }) => !isAfter(key, until))
    const problems = page.problems.filter(({ name }) => !isNameAfter(name, until))
    if (page.entries.length > 0) this.#hooks.onWaste(1 - entries.length / page.entries.length)
    return { entries, problems, next: undefined }
  }

  #nowBegun(): void {
    this.begun = true
    this.#whenBegun.resolve()
  }
}

function isNameAfter(name: Uint8Array, key: Key): boolean {
  return Buffer.compare(name, Buffer.from(key)) > 0
}

function isAfter(a: string, b: string): boolean {
  return compareKeys(a, b) > 0
}

function nobody(): void {}
