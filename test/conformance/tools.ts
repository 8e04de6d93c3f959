// What the tests of the suite share: bytes, bodies, and short forms of the port's calls.
import { expect } from 'vitest'
import { isHawserError, type ErrorCode, type HawserError } from '../../src/core/errors.ts'
import { toKey } from '../../src/core/key.ts'
import type {
  Entry,
  KeyRef,
  ListOptions,
  ObjectInfo,
  Removal,
  Source,
  Store,
  WriteOptions,
} from '../../src/core/store.ts'

export { toKey as key } from '../../src/core/key.ts'

export const MiB: number = 2 ** 20

/** Bytes that look random and are the same for the same seed. */
export function bytesOf(size: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = seed * 2_654_435_761 || 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** A source that counts how often it was opened and gives pieces of `piece` bytes. */
export class CountedSource implements Source {
  readonly size: number
  opened = 0
  readonly #bytes: Uint8Array
  readonly #piece: number

  constructor(bytes: Uint8Array, piece = 65_536) {
    this.#bytes = bytes
    this.#piece = piece
    this.size = bytes.length
  }

  async *open(range: { start: number; end: number }): AsyncGenerator<Uint8Array> {
    this.opened++
    for (let at = range.start; at < range.end; at += this.#piece)
      yield this.#bytes.subarray(at, Math.min(at + this.#piece, range.end))
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items)
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await collect(body))
}

export async function get(store: Store, key: string): Promise<Uint8Array> {
  return readAll(await store.read(toKey(key)))
}

export async function getText(store: Store, key: string): Promise<string> {
  return Buffer.from(await get(store, key)).toString()
}

export async function put(
  store: Store,
  key: string,
  content: string | Uint8Array = key,
  options?: WriteOptions,
): Promise<ObjectInfo> {
  return store.write(toKey(key), Buffer.from(content), options)
}

/** Compares bytes; a mismatch of megabytes prints one line. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length)
  expect(Buffer.compare(actual, expected)).toBe(0)
}

export async function entries(
  store: Store,
  prefix: string,
  options?: ListOptions,
): Promise<Entry[]> {
  return collect(store.list(toKey(prefix), options))
}

/** The keys below the prefix, without it. A store that lists in no order is sorted here. */
export async function keys(store: Store, prefix: string, options?: ListOptions): Promise<string[]> {
  const found = (await entries(store, prefix, options)).map((entry) => entry.key)
  if (store.traits.order === 'none') found.sort(byBytes)
  return found.map((key) => key.slice(prefix.length))
}

/** The order of listings, by another way than the code under test. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

export async function* refs(...items: readonly (string | KeyRef)[]): AsyncGenerator<KeyRef> {
  for (const item of items) yield typeof item === 'string' ? { key: toKey(item) } : item
}

export async function remove(
  store: Store,
  ...items: readonly (string | KeyRef)[]
): Promise<Removal[]> {
  return collect(store.remove(refs(...items)))
}

/** The error that the promise is rejected with, which must be ours and of one of these codes. */
export async function failure(
  promise: Promise<unknown>,
  ...codes: readonly ErrorCode[]
): Promise<HawserError> {
  const error: unknown = await promise.then(
    () => new Error('it should have failed'),
    (reason: unknown) => reason,
  )
  if (!isHawserError(error)) throw error
  expect(codes).toContain(error.code)
  return error
}

/** Runs the task for each item, 32 at a time. */
export async function each<T>(
  items: Iterable<T>,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  async function work(): Promise<void> {
    for (let next = queue.next(); !next.done; next = queue.next()) await task(next.value)
  }
  await Promise.all(Array.from({ length: 32 }, work))
}
