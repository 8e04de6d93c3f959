// The Store's side of a listing: what lies at the names of objects, in the order of keys.
import { isHawserError } from '../../../core/errors.ts'
import { compareKeys, keyBytes } from '../../../core/key.ts'
import type { Entry, Store } from '../../../core/store.ts'
import { plainKey } from '../places.ts'

export interface FoundFile {
  /** The object's key. */
  readonly name: string
  readonly entry: Entry
}

export interface FilesQuery {
  readonly bucket: string
  readonly prefix: string
  /** Directories instead of what lies below them. */
  readonly shallow: boolean
  readonly after: string
  readonly signal: AbortSignal | undefined
}

export class Files {
  /** Milliseconds since 1970: what the Store tells may be as old as this. */
  readonly opened: number = Date.now()
  readonly #bucket: string
  readonly #source: AsyncIterator<Entry>
  #ahead: FoundFile[] = []

  constructor(store: Store, query: FilesQuery) {
    this.#bucket = query.bucket
    this.#source = found(store, query)
  }

  async peek(): Promise<FoundFile | undefined> {
    const [first] = this.#ahead
    if (first) return first
    const { done, value } = await this.#source.next()
    if (done) return undefined
    const file = { name: value.key.slice(this.#bucket.length + 1), entry: value }
    this.#ahead.push(file)
    return file
  }

  /** Goes on behind what was peeked at. */
  take(): void {
    this.#ahead.shift()
  }

  /** Puts back what was taken last, in its order. */
  giveBack(files: readonly FoundFile[]): void {
    this.#ahead = [...files, ...this.#ahead]
  }

  /** Read from the Store, and not taken. */
  get ahead(): readonly FoundFile[] {
    return this.#ahead
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }
}

async function* found(store: Store, query: FilesQuery): AsyncGenerator<Entry> {
  const { bucket, prefix, shallow, after, signal } = query
  const place = plainKey(bucket, prefix)
  if (keyBytes(place) > store.traits.maxKeyBytes) return
  try {
    const list = store.list(place, {
      after: compareKeys(after, prefix) < 0 || after === '' ? undefined : plainKey(bucket, after),
      shallow,
      signal,
      onProblem: passOver,
    })
    for await (const entry of list) if (entry.key !== `${bucket}/`) yield entry
  } catch (error) {
    // The root is made with the first object.
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
}

/** Names that are no text cannot be keys; what this process may not read is not served. */
function passOver(error: Error): void {
  const served =
    isHawserError(error) && ['invalid-argument', 'permission-denied'].includes(error.code)
  if (!served) throw error
}
