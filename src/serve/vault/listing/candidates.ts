// The names that a listing looks at, from the Store and the ledger, in the order of keys.
import { compareKeys } from '../../../core/key.ts'
import type { Entry, Store } from '../../../core/store.ts'
import type { Files, FoundFile } from './files.ts'
import type { HiddenKeys } from './hidden.ts'
import { commonPrefix, type Grouping } from './prefixes.ts'

export interface Candidate {
  /** A key; or the common prefix, where the Store was asked for directories. */
  readonly name: string
  readonly group: string | undefined
  /** What is at the object's own name. */
  readonly file: Entry | undefined
  /** For the case that it is given back. */
  readonly found: FoundFile | undefined
}

export class Candidates {
  readonly #store: Store
  readonly #files: Files
  readonly #hidden: HiddenKeys
  readonly #grouping: Grouping

  constructor(store: Store, files: Files, hidden: HiddenKeys, grouping: Grouping) {
    this.#store = store
    this.#files = files
    this.#hidden = hidden
    this.#grouping = grouping
  }

  /** As many as there are, up to the limit. A common prefix that is a directory comes once. */
  async next(limit: number): Promise<readonly Candidate[]> {
    const batch: Candidate[] = []
    while (batch.length < limit) {
      const candidate = await this.#next()
      if (!candidate) break
      if (candidate !== 'none') batch.push(candidate)
    }
    return batch
  }

  async passOver(prefix: string): Promise<void> {
    for (;;) {
      const file = await this.#files.peek()
      if (!file?.name.startsWith(prefix)) break
      this.#files.take()
    }
    this.#hidden.passOver(prefix)
  }

  async #next(): Promise<Candidate | 'none' | undefined> {
    const file = await this.#files.peek()
    const hidden = this.#hidden.peek()
    if (!file && hidden === undefined) return undefined
    const order = !file ? 1 : hidden === undefined ? -1 : compareKeys(file.name, hidden)
    const found = order <= 0 ? file : undefined
    const name = found?.name ?? hidden ?? ''
    const group = commonPrefix(name, this.#grouping)
    if (group !== undefined && this.#grouping.delimiter === '/') {
      await this.passOver(group)
      return { name: group, group, file: undefined, found }
    }
    if (order <= 0) this.#files.take()
    if (order >= 0) this.#hidden.take()
    const object = found && this.#asObject(found.entry)
    if (!object && order < 0) return 'none'
    return { name, group, file: object, found }
  }

  /** Where there are no directories, an empty object at a name that looks like one is an object. */
  #asObject(entry: Entry): Entry | undefined {
    if (entry.kind === 'file') return entry
    const isObject = entry.kind === 'directory' && !this.#store.traits.hierarchical
    return isObject ? { ...entry, kind: 'file' } : undefined
  }
}
