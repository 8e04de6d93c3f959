// Sends a service no more requests at once than it can take: fewer when it says that they are too many, by and by more
// when it does not. (AIMD: additive increase, multiplicative decrease.)
import { bodySize, objectBody, readBody } from '../core/body.ts'
import { isHawserError, type ErrorDetails } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { locationId, type Location } from '../core/location.ts'
import { abortError, checkSignal } from '../core/signal.ts'
import type {
  Body,
  Buckets,
  CallOptions,
  Copy,
  KeyRef,
  Multipart,
  ObjectBody,
  ReadOptions,
  Removal,
  Store,
} from '../core/store.ts'
import type { StoreOp } from './wrap.ts'

export interface ConcurrencyOptions {
  /** The most requests at once: where it begins. */
  readonly most: number
  /** Told how many requests at once are left, when they become fewer; every ten seconds at most. */
  readonly onSlower?: ((requests: number) => void) | undefined
  /** Milliseconds, from any beginning. */
  readonly now?: (() => number) | undefined
}

/** Between two calls of `onSlower`, in milliseconds. */
const tellEvery = 10_000
/** A request whose bytes nobody has asked for, or given, for so long lends its place, in milliseconds. */
const restAfter = 100

/**
 * The places for requests at one service. Waiting for one is first come, first served.
 *
 * A refusal for too many requests halves the places; refusals of requests that had begun before that do not halve them
 * again. So many successes as there are places add one, while all of them are in use.
 */
export class Concurrency {
  readonly #most: number
  readonly #onSlower: ((requests: number) => void) | undefined
  readonly #now: () => number
  /** There are some only while no place is free. */
  readonly #waiting = new Set<() => void>()
  readonly #held = new Set<RequestPlace>()
  #limit: number
  /** Of the places held, those that count. */
  #active = 0
  #successes = 0
  /** How often the places were halved. */
  #halved = 0
  #told = -Infinity
  #watch: NodeJS.Timeout | undefined

  constructor(options: ConcurrencyOptions) {
    this.#most = options.most
    this.#limit = options.most
    this.#onSlower = options.onSlower
    this.#now = options.now ?? (() => performance.now())
  }

  /** How many requests may be under way. */
  get limit(): number {
    return this.#limit
  }

  /** How many requests are under way, but for those that rest. */
  get active(): number {
    return this.#active
  }

  /** @throws HawserError interrupted once the signal has aborted */
  async enter(signal: AbortSignal | undefined, details: ErrorDetails): Promise<RequestPlace> {
    checkSignal(signal, details)
    if (this.#active >= this.#limit) await this.#turn(signal, details)
    else this.#active++
    const place: RequestPlace = new RequestPlace({
      now: this.#now,
      halved: () => this.#halved,
      count: (change) => {
        this.#active += change
        if (change < 0) this.#admit()
      },
      leave: (outcome, halved) => {
        this.#held.delete(place)
        // What began before the places were last halved says nothing of them as they are now.
        if (halved < this.#halved) return
        if (outcome === 'throttled') this.#slower()
        else if (outcome === 'succeeded') this.#succeeded()
      },
    })
    this.#held.add(place)
    return place
  }

  /** Resolves when a place is counted for the caller. */
  async #turn(signal: AbortSignal | undefined, details: ErrorDetails): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      this.#waiting.delete(resolve)
      this.#watchRests()
      if (signal) reject(abortError(signal, details))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#waiting.add(resolve)
    this.#watchRests()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #admit(): void {
    for (const grant of this.#waiting) {
      if (this.#active >= this.#limit) break
      this.#waiting.delete(grant)
      this.#active++
      grant()
    }
    this.#watchRests()
  }

  /**
   * While somebody waits. A stream may rest because who reads it waits for a place too: without this, such streams
   * could hold all places for ever.
   */
  #watchRests(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    this.#watch ??= setInterval(() => {
      const since = this.#now() - restAfter
      for (const place of this.#held) if (this.#waiting.size > 0) place.lend(since)
    }, restAfter / 2)
  }

  #succeeded(): void {
    if (this.#active < this.#limit || this.#limit >= this.#most) return
    this.#successes++
    if (this.#successes < this.#limit) return
    this.#successes = 0
    this.#limit++
  }

  #slower(): void {
    this.#halved++
    this.#successes = 0
    // Places that nobody took have not been too many.
    this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, this.#active) / 2))
    const now = this.#now()
    if (now - this.#told < tellEvery) return
    this.#told = now
    this.#onSlower?.(this.#limit)
  }
}

/** One for each service, by where its stores are. */
export class ServiceConcurrency {
  readonly #options: ConcurrencyOptions
  readonly #services = new Map<string, Concurrency>()

  constructor(options: ConcurrencyOptions) {
    this.#options = options
  }

  of(location: Location): Concurrency {
    const service = locationId({ ...location, root: '' })
    const known = this.#services.get(service) ?? new Concurrency(this.#options)
    this.#services.set(service, known)
    return known
  }
}

/** How a request ended; undefined: in a way that says nothing of how many there were. */
type Outcome = 'succeeded' | 'throttled' | undefined

interface PlaceHooks {
  readonly now: () => number
  /** How often the places have been halved. */
  readonly halved: () => number
  readonly count: (change: 1 | -1) => void
  /** `halved`: how often they had been when the request began. */
  readonly leave: (outcome: Outcome, halved: number) => void
}

/** The place of one request, or of the requests of one stream. */
class RequestPlace {
  readonly #hooks: PlaceHooks
  #counts = true
  #left = false
  #resting: number | undefined
  #halved: number

  constructor(hooks: PlaceHooks) {
    this.#hooks = hooks
    this.#halved = hooks.halved()
  }

  /** Nothing can go on until somebody asks for more bytes, or gives them. */
  rest(): void {
    this.#resting = this.#hooks.now()
  }

  /** Gives the place to others if it has rested since then. */
  lend(since: number): void {
    if (this.#resting !== undefined && this.#resting <= since) this.pause()
  }

  /** Gives the place to others at once. */
  pause(): void {
    if (!this.#counts) return
    this.#counts = false
    this.#hooks.count(-1)
  }

  /** Goes on, also where others have got the place meanwhile: to wait here could be to wait for oneself. */
  resume(): void {
    this.#resting = undefined
    if (this.#counts || this.#left) return
    this.#counts = true
    this.#hooks.count(1)
  }

  /** Goes on with another request, as `resume` does. */
  next(): void {
    this.#halved = this.#hooks.halved()
    this.resume()
  }

  /** The first time counts. */
  leave(outcome: Outcome): void {
    if (this.#left) return
    this.#left = true
    this.#hooks.leave(outcome, this.#halved)
    this.pause()
  }

  failed(error: unknown): void {
    this.leave(isThrottled(error) ? 'throttled' : undefined)
  }
}

/** "Please reduce your request rate", or a 503 that says nothing else. */
function isThrottled(error: unknown): boolean {
  if (!isHawserError(error)) return false
  return error.code === 'rate-limited' || (error.code === 'unavailable' && error.status === 503)
}

/**
 * The store, with no more calls under way than its service takes. A read holds its place until its body ends or is
 * left. Listings and removals hold theirs while something is asked of them, and wait for one at their beginning alone:
 * most of what they give comes without a request.
 */
export function adapt(store: Store, concurrency: Concurrency): Store {
  const { location } = store

  function enter(op: StoreOp, key: Key | undefined, call: CallOptions | undefined) {
    return concurrency.enter(call?.signal, { op, location, key })
  }

  async function held<T>(
    op: StoreOp,
    key: Key | undefined,
    call: CallOptions | undefined,
    run: (place: RequestPlace) => Promise<T>,
  ): Promise<T> {
    const place = await enter(op, key, call)
    try {
      const result = await run(place)
      place.leave('succeeded')
      return result
    } catch (error) {
      place.failed(error)
      throw error
    }
  }

  async function read(key: Key, call?: ReadOptions): Promise<ObjectBody> {
    const place = await enter('read', key, call)
    try {
      const body = await store.read(key, call)
      place.rest()
      return objectBody(
        body.info,
        () => flowing(body, place),
        async () => {
          place.leave(undefined)
          await body[Symbol.asyncIterator]().return?.()
        },
      )
    } catch (error) {
      place.failed(error)
      throw error
    }
  }

  async function* readPart(
    key: Key,
    call: CallOptions | undefined,
    open: () => AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* flowing(open(), await enter('readPart', key, call))
  }

  async function* listed<T>(
    op: StoreOp,
    key: Key | undefined,
    call: CallOptions | undefined,
    open: (place: RequestPlace) => AsyncIterable<T>,
    errorOf: (item: T) => unknown = () => undefined,
  ): AsyncGenerator<T, void, undefined> {
    const place = await enter(op, key, call)
    let outcome: Outcome = 'succeeded'
    try {
      for await (const item of open(place)) {
        if (isThrottled(errorOf(item))) outcome = 'throttled'
        place.pause()
        yield item
        place.next()
      }
      place.leave(outcome)
    } catch (error) {
      place.failed(error)
      throw error
    } finally {
      place.leave(undefined)
    }
  }

  function remove(refs: AsyncIterable<KeyRef>, call?: CallOptions): AsyncIterable<Removal> {
    return listed(
      'remove',
      undefined,
      call,
      (place) => store.remove(pausing(refs, place), call),
      (removal) => removal.error,
    )
  }

  function adaptMultipart(multipart: Multipart): Multipart {
    const { copyPart } = multipart
    const partOf = multipart.readPart
    return {
      limits: multipart.limits,
      begin: (key, call) => held('begin', key, call, () => multipart.begin(key, call)),
      part: (upload, slot, body, call) =>
        held('part', upload.key, call, (place) =>
          multipart.part(upload, slot, fed(body, place), call),
        ),
      copyPart:
        copyPart &&
        ((upload, slot, from, range, call) =>
          held('copyPart', upload.key, call, () =>
            copyPart.call(multipart, upload, slot, from, range, call),
          )),
      readPart:
        partOf &&
        ((upload, slot, size, call) =>
          readPart(upload.key, call, () => partOf.call(multipart, upload, slot, size, call))),
      parts: (upload, call) =>
        listed('parts', upload.key, call, () => multipart.parts(upload, call)),
      complete: (upload, parts, call) =>
        held('complete', upload.key, call, () => multipart.complete(upload, parts, call)),
      abort: (upload, call) => held('abort', upload.key, call, () => multipart.abort(upload, call)),
      uploads: (prefix, call) =>
        listed('uploads', prefix, call, () => multipart.uploads(prefix, call)),
    }
  }

  function adaptCopy(copy: Copy): Copy {
    return {
      accepts: (from) => copy.accepts(from),
      maxSize: copy.maxSize,
      copy: (from, to, call) => held('copy', to, call, () => copy.copy(from, to, call)),
    }
  }

  function adaptBuckets(buckets: Buckets): Buckets {
    return {
      list: (call) => listed('listBuckets', undefined, call, () => buckets.list(call)),
      create: (name, call) =>
        held('createBucket', undefined, call, () => buckets.create(name, call)),
      remove: (name, call) =>
        held('removeBucket', undefined, call, () => buckets.remove(name, call)),
    }
  }

  const { rename, setAttributes } = store
  return {
    location,
    traits: store.traits,
    list: (prefix, call) => listed('list', prefix, call, () => store.list(prefix, call)),
    stat: (key, call) => held('stat', key, call, () => store.stat(key, call)),
    read,
    readInto: (key, target, position, call) =>
      held('readInto', key, call, () => store.readInto(key, target, position, call)),
    write: (key, body, call) =>
      held('write', key, call, (place) => store.write(key, fed(body, place), call)),
    remove,
    multipart: store.multipart && adaptMultipart(store.multipart),
    copy: store.copy && adaptCopy(store.copy),
    rename:
      rename &&
      ((from, to, call) => held('rename', to, call, () => rename.call(store, from, to, call))),
    buckets: store.buckets && adaptBuckets(store.buckets),
    setAttributes:
      setAttributes &&
      ((key, attributes, call) =>
        held('setAttributes', key, call, () => setAttributes.call(store, key, attributes, call))),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** Bytes that arrive; the place rests while nobody asks for them. */
async function* flowing(
  chunks: AsyncIterable<Uint8Array>,
  place: RequestPlace,
): AsyncGenerator<Uint8Array, void, undefined> {
  place.resume()
  try {
    for await (const chunk of chunks) {
      place.rest()
      yield chunk
      place.resume()
    }
    place.leave('succeeded')
  } catch (error) {
    place.failed(error)
    throw error
  } finally {
    place.leave(undefined)
  }
}

/** A body that is sent; the place rests while its source gives nothing. */
function fed(body: Body, place: RequestPlace): Body {
  if (body instanceof Uint8Array) return body
  return {
    size: bodySize(body),
    async *open(range) {
      place.rest()
      for await (const chunk of readBody(body, range)) {
        place.resume()
        yield chunk
        place.rest()
      }
      place.resume()
    },
  }
}

/** Refs that are waited for without a place. */
async function* pausing(
  refs: AsyncIterable<KeyRef>,
  place: RequestPlace,
): AsyncGenerator<KeyRef, void, undefined> {
  place.pause()
  for await (const ref of refs) {
    place.resume()
    yield ref
    place.pause()
  }
  place.resume()
}
