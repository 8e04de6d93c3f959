// A store in memory, with every facet but buckets: the reference of what the Store port promises, and the ground of tests.
import type { Attributes } from '../../core/attributes.ts'
import { HawserError, type ErrorCode } from '../../core/errors.ts'
import { compareKeys, keyBytes, toKey, type Key } from '../../core/key.ts'
import type { Location } from '../../core/location.ts'
import type { RequestKind } from '../../core/meter.ts'
import { checkSignal } from '../../core/signal.ts'
import type {
  Body,
  CallOptions,
  Condition,
  Copy,
  CopySource,
  Entry,
  KeyRef,
  ListOptions,
  Multipart,
  ObjectBody,
  ObjectInfo,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  Removal,
  Rename,
  RenameOptions,
  Store,
  Traits,
  WriteOptions,
} from '../../core/store.ts'
import { memoryMultipart } from './multipart.ts'
import { factsOf, md5, receive, storedObject, type StoredObject } from './objects.ts'
import { SortedMap } from './sorted-map.ts'

export interface MemoryStoreOptions {
  /** The root of the store's location; a fresh one by default. */
  readonly name?: string | undefined
}

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.name ?? `memory-${++opened}`)
}

let opened = 0
const pieceSize = 65_536

/** What the parts of the store share. */
export interface Shelf {
  readonly location: Location
  /** Checks what every call checks, and counts it. */
  enter(op: string, kind: RequestKind, key: Key, options: CallOptions | undefined): void
  fail(op: string, key: Key, code: ErrorCode, message: string): HawserError
  /** @throws HawserError not-found; precondition-failed where `etag` is given and is not the object's */
  find(op: string, key: Key, etag: string | undefined): StoredObject
  checkCondition(op: string, key: Key, condition: Condition | undefined): void
  /** Makes the object visible, if the condition holds at this moment. */
  commit(op: string, object: StoredObject, condition: Condition | undefined): ObjectInfo
}

class MemoryStore implements Store, Shelf {
  readonly location: Location
  readonly traits: Traits = {
    order: 'key',
    hierarchical: false,
    modified: 'stored',
    conditions: new Set(['if-absent', 'if-match'] as const),
    etagIsMd5: true,
    maxKeyBytes: 1024,
  }
  readonly multipart: Multipart
  readonly copy: Copy
  readonly rename: Rename
  readonly buckets: undefined
  readonly lineage: undefined
  readonly withFile: undefined
  readonly archive: undefined
  readonly #objects = new SortedMap<StoredObject>()

  constructor(name: string) {
    this.location = { scheme: 'memory', endpoint: undefined, root: name }
    this.multipart = memoryMultipart(this)
    this.copy = {
      accepts: (from) => this.#isHere(from.location),
      maxSize: Number.MAX_SAFE_INTEGER,
      copy: async (from, to, options) => this.#copy(from, to, options),
    }
    this.rename = async (from, to, options) => this.#rename(from, to, options)
  }

  async *list(prefix: Key, options: ListOptions = {}): AsyncGenerator<Entry> {
    this.enter('list', 'list', prefix, options)
    const { after = '' } = options
    let exclusive = after !== '' && compareKeys(after, prefix) >= 0
    let from: string = exclusive ? after : prefix
    for (;;) {
      const next = this.#objects.next(from, exclusive)
      if (!next?.[0].startsWith(prefix)) return
      const [key, object] = next
      const slash = options.shallow ? key.indexOf('/', prefix.length) : -1
      const group = slash === -1 ? undefined : toKey(key.slice(0, slash + 1))
      ;[from, exclusive] = group === undefined ? [key, true] : [afterGroup(group), false]
      if (group === undefined) yield object.info
      else if (!after.startsWith(group)) yield directoryEntry(group)
      checkSignal(options.signal, { op: 'list', location: this.location, key: prefix })
    }
  }

  async stat(key: Key, options?: CallOptions): Promise<ObjectInfo> {
    this.enter('stat', 'stat', key, options)
    return this.find('stat', key, undefined).info
  }

  async read(key: Key, options: ReadOptions = {}): Promise<ObjectBody> {
    this.enter('read', 'read', key, options)
    const { bytes, info } = this.find('read', key, options.ifMatch)
    const range = options.range ?? { start: 0, end: bytes.length }
    if (options.range && range.start >= bytes.length)
      throw this.fail('read', key, 'range', `the object ends before byte ${range.start}`)
    const content = bytes.subarray(range.start, range.end)
    const check = (): void => {
      checkSignal(options.signal, { op: 'read', location: this.location, key })
    }
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < content.length; at += pieceSize) {
        check()
        const piece = content.slice(at, at + pieceSize)
        options.meter?.received(piece.length)
        yield piece
      }
    }
    return { info, [Symbol.asyncIterator]: pieces }
  }

  async readInto(
    key: Key,
    target: Uint8Array,
    position: number,
    options: ReadIntoOptions = {},
  ): Promise<ReadResult> {
    this.enter('readInto', 'read', key, options)
    const { bytes, info } = this.find('readInto', key, options.ifMatch)
    const content = bytes.subarray(position, position + target.length)
    target.set(content)
    options.meter?.received(content.length)
    return { info, length: content.length }
  }

  async write(key: Key, body: Body, options: WriteOptions = {}): Promise<ObjectInfo> {
    this.enter('write', 'write', key, options)
    this.checkCondition('write', key, options.condition)
    const details = { op: 'write', location: this.location, key }
    const bytes = await receive(body, options.crc64nvme, options.signal, details)
    options.meter?.sent(bytes.length)
    const etag = `"${md5(bytes).toString('hex')}"`
    return this.commit('write', storedObject(key, bytes, etag, factsOf(options)), options.condition)
  }

  async *remove(refs: AsyncIterable<KeyRef>, options?: CallOptions): AsyncGenerator<Removal> {
    checkSignal(options?.signal, { op: 'remove', location: this.location })
    for await (const { key, etag } of refs) {
      this.enter('remove', 'remove', key, options)
      const found = this.#objects.get(key)
      const changed = etag !== undefined && found !== undefined && found.info.etag !== etag
      if (!changed) this.#objects.delete(key)
      yield { key, error: changed ? this.#preconditionFailed('remove', key) : undefined }
    }
  }

  async setAttributes(key: Key, attributes: Attributes, options?: CallOptions): Promise<void> {
    this.enter('setAttributes', 'control', key, options)
    const { bytes, info } = this.find('setAttributes', key, undefined)
    this.#objects.set(key, {
      bytes,
      info: { ...info, attributes: { ...info.attributes, ...attributes } },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #copy(from: CopySource, to: Key, options: WriteOptions = {}): Promise<ObjectInfo> {
    this.enter('copy', 'copy', to, options)
    if (!this.#isHere(from.location))
      throw this.fail('copy', to, 'unsupported', 'the source is in another store')
    const { bytes, info } = this.find('copy', from.key, from.etag)
    const etag = `"${md5(bytes).toString('hex')}"`
    // As object stores do: who may read it, and how it is encrypted, are the destination's matters.
    const properties = { ...info.properties, acl: undefined, encryption: undefined }
    return this.commit(
      'copy',
      storedObject(to, bytes, etag, factsOf(options, { ...info, properties })),
      options.condition,
    )
  }

  async #rename(from: KeyRef, to: Key, options: RenameOptions = {}): Promise<ObjectInfo> {
    this.enter('rename', 'copy', to, options)
    const object = this.find('rename', from.key, from.etag)
    const info = { ...object.info, key: to }
    this.commit('rename', { ...object, info }, options.condition)
    if (from.key !== to) this.#objects.delete(from.key)
    return info
  }

  #isHere(location: Location): boolean {
    return location.scheme === 'memory' && location.root === this.location.root
  }

  enter(op: string, kind: RequestKind, key: Key, options: CallOptions | undefined): void {
    checkSignal(options?.signal, { op, location: this.location, key })
    if (kind !== 'list' && key === '')
      throw this.fail(op, key, 'invalid-argument', 'an object needs a name')
    if (keyBytes(key) > this.traits.maxKeyBytes)
      throw this.fail(op, key, 'invalid-argument', 'the name is longer than 1,024 bytes')
    options?.meter?.request(kind)
  }

  fail(op: string, key: Key, code: ErrorCode, message: string): HawserError {
    return new HawserError(code, message, { op, location: this.location, key })
  }

  find(op: string, key: Key, etag: string | undefined): StoredObject {
    const object = this.#objects.get(key)
    if (!object) throw this.fail(op, key, 'not-found', 'there is no such object')
    if (etag !== undefined && object.info.etag !== etag) throw this.#preconditionFailed(op, key)
    return object
  }

  checkCondition(op: string, key: Key, condition: Condition | undefined): void {
    if (!condition) return
    const etag = this.#objects.get(key)?.info.etag
    const holds = condition.kind === 'if-absent' ? etag === undefined : etag === condition.etag
    if (!holds) throw this.#preconditionFailed(op, key)
  }

  commit(op: string, object: StoredObject, condition: Condition | undefined): ObjectInfo {
    this.checkCondition(op, object.info.key, condition)
    this.#objects.set(object.info.key, object)
    return object.info
  }

  #preconditionFailed(op: string, key: Key): HawserError {
    return this.fail(op, key, 'precondition-failed', 'the object is not in the expected state')
  }
}

function directoryEntry(key: Key): Entry {
  return { key, kind: 'directory', size: 0, modified: 0n, etag: undefined }
}

/** The first string after everything that begins with the group's key: `/` becomes the next character, `0`. */
function afterGroup(group: Key): string {
  return `${group.slice(0, -1)}0`
}
