// Hides what a program keeps for itself below a prefix: its keys are in no listing, and in all else as before.
import { compareKeys, joinKey, type Key, toKey } from '../core/key.ts'
import type { Entry, ListOptions, Multipart, Store } from '../core/store.ts'

export const defaultReserved: Key = toKey('.hawser/')

/** So many hidden entries are listed, a page of them, before the rest are passed over at once. */
const patience = 1000

/**
 * The store, as `traits.reserved` of which the prefix is. Listings leave out what lies below it, unless they are of it:
 * their own prefix begins with it. Who knows a key reads, writes and removes it as any other.
 * @param prefix ends in `/`
 */
export function reserved(store: Store, prefix: Key): Store {
  const { rename, setAttributes } = store
  const isHidden = (key: Key): boolean => key.startsWith(prefix)
  const hidesFrom = (asked: Key): boolean => prefix.startsWith(asked) && asked !== prefix

  function list(asked: Key, call: ListOptions = {}): AsyncIterable<Entry> {
    return hidesFrom(asked) ? new Shown(store, prefix, asked, call) : store.list(asked, call)
  }

  function multipartShown(multipart: Multipart): Multipart {
    const { copyPart, readPart } = multipart
    return {
      limits: multipart.limits,
      begin: (key, call) => multipart.begin(key, call),
      part: (upload, slot, body, call) => multipart.part(upload, slot, body, call),
      copyPart:
        copyPart &&
        ((upload, slot, from, range, call) =>
          copyPart.call(multipart, upload, slot, from, range, call)),
      readPart:
        readPart &&
        ((upload, slot, size, call) => readPart.call(multipart, upload, slot, size, call)),
      parts: (upload, call) => multipart.parts(upload, call),
      complete: (upload, parts, call) => multipart.complete(upload, parts, call),
      abort: (upload, call) => multipart.abort(upload, call),
      async *uploads(asked, call) {
        const hides = hidesFrom(asked)
        for await (const upload of multipart.uploads(asked, call))
          if (!hides || !isHidden(upload.key)) yield upload
      },
    }
  }

  return {
    location: store.location,
    traits: { ...store.traits, reserved: prefix },
    list,
    stat: (key, call) => store.stat(key, call),
    read: (key, call) => store.read(key, call),
    readInto: (key, target, position, call) => store.readInto(key, target, position, call),
    write: (key, body, call) => store.write(key, body, call),
    remove: (refs, call) => store.remove(refs, call),
    multipart: store.multipart && multipartShown(store.multipart),
    copy: store.copy,
    lineage: store.lineage,
    withFile: store.withFile,
    archive: store.archive,
    rename: rename && ((from, to, call) => rename.call(store, from, to, call)),
    buckets: store.buckets,
    setAttributes:
      setAttributes &&
      ((key, attributes, call) => setAttributes.call(store, key, attributes, call)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** A listing without the hidden entries. One that has come past them costs no more than the store's own. */
class Shown implements AsyncIterableIterator<Entry> {
  readonly #store: Store
  readonly #hidden: Key
  readonly #asked: Key
  readonly #call: ListOptions
  #entries: AsyncIterator<Entry>
  #met = 0
  #isPast = false

  constructor(store: Store, hidden: Key, asked: Key, call: ListOptions) {
    const { enter } = call
    this.#store = store
    this.#hidden = hidden
    this.#asked = asked
    this.#call = {
      ...call,
      enter: (directory) => directory !== hidden && (enter?.(directory) ?? true),
    }
    this.#entries = this.#begin(call.after)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Entry>> {
    return this.#isPast ? this.#entries.next() : this.#nextShown()
  }

  async return(): Promise<IteratorResult<Entry>> {
    await this.#entries.return?.()
    return { done: true, value: undefined }
  }

  async #nextShown(): Promise<IteratorResult<Entry>> {
    for (;;) {
      const result = await this.#entries.next()
      if (result.done) return result
      const { key } = result.value
      if (key.startsWith(this.#hidden)) await this.#passOver()
      else if (!this.#leadsThere(result.value) || (await this.#hasOthers(key))) {
        this.#isPast = this.#isOrdered && compareKeys(key, this.#hidden) > 0
        return result
      }
    }
  }

  get #isOrdered(): boolean {
    return this.#store.traits.order === 'key'
  }

  #begin(after: Key | undefined): AsyncIterator<Entry> {
    return this.#store.list(this.#asked, { ...this.#call, after })[Symbol.asyncIterator]()
  }

  async #passOver(): Promise<void> {
    if (++this.#met !== patience || !this.#isOrdered) return
    await this.#entries.return?.()
    this.#entries = this.#begin(joinKey(this.#hidden, '\u{10ffff}'))
  }

  /** A group of an object store, which may be of nothing but what is hidden. */
  #leadsThere({ key, kind }: Entry): boolean {
    const { shallow = false } = this.#call
    return (
      shallow &&
      kind === 'directory' &&
      this.#hidden.startsWith(key) &&
      !this.#store.traits.hierarchical
    )
  }

  async #hasOthers(group: Key): Promise<boolean> {
    const { signal, meter } = this.#call
    for await (const _ of new Shown(this.#store, this.#hidden, group, { signal, meter }))
      return true
    return false
  }
}
