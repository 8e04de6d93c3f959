// Holds the transfers of one or more stores to a bandwidth, which may change with the time of day.
import { bodySize, readBody } from '../core/body.ts'
import { isHawserError } from '../core/errors.ts'
import { abortError } from '../core/signal.ts'
import type { Key } from '../core/key.ts'
import type {
  Body,
  CallOptions,
  Multipart,
  ObjectBody,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  Store,
} from '../core/store.ts'
import { rateAt, type Timetable } from '../core/timetable.ts'
import { sleepFor, streamedBody, type Sleep } from './wrap.ts'

/** Bytes per second; 0 and Infinity mean no limit. */
export type Rate = number | Timetable

/** Time as the limit sees it; the machine's by default. */
export interface Clock {
  /** Milliseconds, from any beginning, that nobody sets. */
  now(): number
  /** What timetables go by. */
  date(): Date
  readonly sleep: Sleep
}

const machineClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: sleepFor,
}

/** A wait is never longer than this before a timetable is looked at again, in milliseconds. */
const glance = 1000
const leastPiece = 4 * 1024
const mostPiece = 1024 * 1024

/**
 * A bandwidth that transfers share, first come, first served. Bytes may go when the time of all bytes before them has
 * passed; time in which nobody wanted to send is not saved up.
 */
export class Bandwidth {
  readonly #rate: Rate
  readonly #clock: Clock
  #asked = 0
  #served = 0
  #at: number

  constructor(rate: Rate, clock: Clock = machineClock) {
    this.#rate = rate
    this.#clock = clock
    this.#at = clock.now()
  }

  /** Bytes per second at this moment; Infinity where there is no limit. */
  get rate(): number {
    const rate =
      typeof this.#rate === 'number' ? this.#rate : rateAt(this.#rate, this.#clock.date())
    return rate > 0 ? rate : Infinity
  }

  /** Whether there never is a limit. */
  get unlimited(): boolean {
    return typeof this.#rate === 'number' && this.rate === Infinity
  }

  /** How many bytes to take at once, so that they flow evenly: about a tenth of a second, 4 KiB to 1 MiB. */
  get piece(): number {
    return Math.min(mostPiece, Math.max(leastPiece, Math.floor(this.rate / 10)))
  }

  /**
   * Resolves when so many bytes may go. Rejects once the signal aborts, leaving no timer behind.
   * @throws the rejection of the clock's sleep
   */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    this.#serve()
    const place = this.#asked
    this.#asked += bytes
    while (this.#served < place) {
      const wait = ((place - this.#served) / this.rate) * 1000
      await this.#clock.sleep(Math.min(glance, Math.ceil(wait)), signal)
      this.#serve()
    }
  }

  #serve(): void {
    const now = this.#clock.now()
    const elapsed = now - this.#at
    this.#at = now
    const { rate } = this
    const more = rate === Infinity ? Infinity : (elapsed / 1000) * rate
    this.#served = Math.min(this.#asked, this.#served + more)
  }
}

export type LimitOptions =
  | { readonly bytesPerSecond: Rate; readonly clock?: Clock | undefined }
  /** One that other stores share. */
  | { readonly bandwidth: Bandwidth }

/** The store, with the bytes of its objects read and written no faster than the bandwidth allows. */
export function limit(store: Store, options: LimitOptions): Store {
  const bandwidth =
    'bandwidth' in options
      ? options.bandwidth
      : new Bandwidth(options.bytesPerSecond, options.clock)

  async function take(op: string, key: Key, bytes: number, signal: AbortSignal | undefined) {
    try {
      await bandwidth.take(bytes, signal)
    } catch (error) {
      throw signal?.aborted ? abortError(signal, { op, location: store.location, key }) : error
    }
  }

  async function read(key: Key, call?: ReadOptions): Promise<ObjectBody> {
    const body = await store.read(key, call)
    return streamedBody(body, () => arriving('read', key, body, call))
  }

  async function* arriving(
    op: string,
    key: Key,
    chunks: AsyncIterable<Uint8Array>,
    call: CallOptions | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      await take(op, key, chunk.length, call?.signal)
      yield chunk
    }
  }

  /** As a stream while there is a limit, since bytes that the store receives in place come at full speed. */
  async function readInto(
    key: Key,
    target: Uint8Array,
    position: number,
    call?: ReadIntoOptions,
  ): Promise<ReadResult> {
    if (target.length === 0 || bandwidth.rate === Infinity)
      return store.readInto(key, target, position, call)
    try {
      const range = { start: position, end: position + target.length }
      const body = await read(key, { ...call, range })
      let length = 0
      for await (const chunk of body) {
        target.set(chunk, length)
        length += chunk.length
      }
      return { info: body.info, length }
    } catch (error) {
      // Nothing is there: no failure of readInto, and no bytes to pace.
      if (isHawserError(error) && error.code === 'range')
        return store.readInto(key, target, position, call)
      throw error
    }
  }

  function paced(op: string, key: Key, body: Body, call: CallOptions | undefined): Body {
    if (bandwidth.unlimited) return body
    return {
      size: bodySize(body),
      async *open(range) {
        for await (const chunk of readBody(body, range)) {
          for (let at = 0; at < chunk.length;) {
            const piece = chunk.subarray(at, at + bandwidth.piece)
            await take(op, key, piece.length, call?.signal)
            yield piece
            at += piece.length
          }
        }
      },
    }
  }

  function limitMultipart(multipart: Multipart): Multipart {
    const { copyPart, readPart } = multipart
    return {
      limits: multipart.limits,
      begin: (key, call) => multipart.begin(key, call),
      part: (upload, slot, body, call) =>
        multipart.part(upload, slot, paced('part', upload.key, body, call), call),
      copyPart: copyPart && ((...call) => copyPart.apply(multipart, call)),
      readPart:
        readPart &&
        ((upload, slot, size, call) =>
          arriving(
            'readPart',
            upload.key,
            readPart.call(multipart, upload, slot, size, call),
            call,
          )),
      parts: (upload, call) => multipart.parts(upload, call),
      complete: (upload, parts, call) => multipart.complete(upload, parts, call),
      abort: (upload, call) => multipart.abort(upload, call),
      uploads: (prefix, call) => multipart.uploads(prefix, call),
    }
  }

  const { rename, setAttributes } = store
  return {
    location: store.location,
    traits: store.traits,
    list: (prefix, call) => store.list(prefix, call),
    stat: (key, call) => store.stat(key, call),
    read,
    readInto,
    write: (key, body, call) => store.write(key, paced('write', key, body, call), call),
    remove: (refs, call) => store.remove(refs, call),
    multipart: store.multipart && limitMultipart(store.multipart),
    copy: store.copy,
    rename: rename && ((...call) => rename.apply(store, call)),
    buckets: store.buckets,
    lineage: store.lineage,
    withFile: undefined, // what is read there is not paced
    archive: store.archive,
    setAttributes: setAttributes && ((...call) => setAttributes.apply(store, call)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
