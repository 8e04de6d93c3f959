// A store with faults on schedule: what networks and services do to a transfer, for the tests of whoever builds on
// stores, without a network.
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { bodySize, readBody } from '../core/body.ts'
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type {
  Archive,
  Body,
  Buckets,
  Copy,
  Multipart,
  ObjectBody,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
  Store,
} from '../core/store.ts'
import { Turns, type Fault, type FaultSchedule, type Turn } from './faulty/schedule.ts'
import { streamedBody, type StoreOp } from './wrap.ts'

export type { Fault, FaultSchedule } from './faulty/schedule.ts'

/** The longest wait of `slow`, in turns of the event loop. */
const mostTurns = 8
/** `truncate` lets at most so many entries pass. */
const mostEntries = 40

/** @throws HawserError invalid-argument where the schedule has a fault for a method that cannot have it */
export function faulty(store: Store, schedule: FaultSchedule): Store {
  const turns = new Turns(schedule)
  let killed = false

  function failure(fault: Fault, op: StoreOp, key: Key | undefined): HawserError {
    const details = { op, location: store.location, key }
    if (fault === 'kill') return new HawserError('unavailable', 'injected: killed', details)
    if (fault !== 'rate-limited')
      return new HawserError('unavailable', `injected: ${fault}`, { ...details, retry: 'later' })
    const retryAfter = schedule.retryAfter ?? 2000
    return new HawserError('rate-limited', 'injected: slow down', {
      ...details,
      retry: 'later',
      retryAfter,
    })
  }

  /** What happens before the call reaches the store. */
  async function enter(op: StoreOp, key: Key | undefined): Promise<Turn> {
    if (killed) throw failure('kill', op, key)
    const turn = turns.next(op)
    killed = turn.fault === 'kill'
    if (turn.fault === 'kill' || turn.fault === 'unavailable' || turn.fault === 'rate-limited')
      throw failure(turn.fault, op, key)
    if (turn.fault === 'slow')
      for (let left = below(turn, mostTurns) + 1; left > 0; left--) await turnOfLoop()
    return turn
  }

  async function answer<T>(
    op: StoreOp,
    key: Key | undefined,
    run: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const turn = await enter(op, key)
    const result = await run(turn)
    if (turn.fault === 'lost-answer') throw failure('lost-answer', op, key)
    return result
  }

  async function* stream<T>(
    op: StoreOp,
    key: Key | undefined,
    items: () => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const turn = await enter(op, key)
    let left = breaksStream(turn) ? below(turn, mostEntries) : Infinity
    for await (const item of items()) {
      if (left-- === 0 && turn.fault) throw failure(turn.fault, op, key)
      yield item
    }
    if (breaksStream(turn)) throw failure('truncate', op, key)
  }

  async function read(key: Key, call?: ReadOptions): Promise<ObjectBody> {
    const turn = await enter('read', key)
    const body = await store.read(key, call)
    const { size } = body.info
    const length = Math.min(call?.range?.end ?? size, size) - (call?.range?.start ?? 0)
    const at = below(turn, length)
    if (turn.fault === 'wrong-bytes') return streamedBody(body, () => flipped(body, at))
    if (turn.fault !== 'truncate') return body
    return streamedBody(body, () => cut(body, at, 'read', key))
  }

  /** Fails after `length` bytes. */
  async function* cut(
    chunks: AsyncIterable<Uint8Array>,
    length: number,
    op: StoreOp,
    key: Key,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let left = length
    for await (const chunk of chunks) {
      if (left > 0) yield chunk.subarray(0, left)
      left -= chunk.length
      if (left < 0) break
    }
    throw failure('truncate', op, key)
  }

  async function readInto(
    key: Key,
    target: Uint8Array,
    position: number,
    call?: ReadIntoOptions,
  ): Promise<ReadResult> {
    const turn = await enter('readInto', key)
    if (turn.fault === 'truncate') {
      await store.readInto(key, target.subarray(0, below(turn, target.length)), position, call)
      throw failure('truncate', 'readInto', key)
    }
    const result = await store.readInto(key, target, position, call)
    if (turn.fault === 'wrong-bytes') flip(target, below(turn, result.length))
    return result
  }

  function faultyMultipart(multipart: Multipart): Multipart {
    const { copyPart, readPart } = multipart
    return {
      limits: multipart.limits,
      begin: (key, call) => answer('begin', key, () => multipart.begin(key, call)),
      part: (upload, slot, body, call) =>
        answer('part', upload.key, (turn) => multipart.part(upload, slot, sent(turn, body), call)),
      copyPart:
        copyPart &&
        ((upload, slot, from, range, call) =>
          answer('copyPart', upload.key, () =>
            copyPart.call(multipart, upload, slot, from, range, call),
          )),
      readPart:
        readPart &&
        async function* (upload, slot, size, call) {
          const turn = await enter('readPart', upload.key)
          const chunks = readPart.call(multipart, upload, slot, size, call)
          const at = below(turn, size)
          if (turn.fault === 'wrong-bytes') yield* flipped(chunks, at)
          else if (turn.fault === 'truncate') yield* cut(chunks, at, 'readPart', upload.key)
          else yield* chunks
        },
      parts: (upload, call) => stream('parts', upload.key, () => multipart.parts(upload, call)),
      complete: (upload, parts, call) =>
        answer('complete', upload.key, () => multipart.complete(upload, parts, call)),
      abort: (upload, call) => answer('abort', upload.key, () => multipart.abort(upload, call)),
      uploads: (prefix, call) => stream('uploads', prefix, () => multipart.uploads(prefix, call)),
    }
  }

  function faultyCopy(copy: Copy): Copy {
    return {
      accepts: (from) => copy.accepts(from),
      maxSize: copy.maxSize,
      copy: (from, to, call) => answer('copy', to, () => copy.copy(from, to, call)),
    }
  }

  function faultyBuckets(buckets: Buckets): Buckets {
    return {
      list: (call) => stream('listBuckets', undefined, () => buckets.list(call)),
      create: (name, call) => answer('createBucket', undefined, () => buckets.create(name, call)),
      remove: (name, call) => answer('removeBucket', undefined, () => buckets.remove(name, call)),
    }
  }

  function faultyArchive(archive: Archive): Archive {
    return {
      mayHold: (entry) => archive.mayHold(entry),
      takes: (tier, storageClass) => archive.takes(tier, storageClass),
      state: (ref, call) => answer('archiveState', ref.key, () => archive.state(ref, call)),
      thaw: (ref, call) => answer('thaw', ref.key, () => archive.thaw(ref, call)),
    }
  }

  const { rename, setAttributes } = store
  return {
    location: store.location,
    traits: store.traits,
    list: (prefix, call) => stream('list', prefix, () => store.list(prefix, call)),
    stat: (key, call) => answer('stat', key, () => store.stat(key, call)),
    read,
    readInto,
    write: (key, body, call) =>
      answer('write', key, (turn) => store.write(key, sent(turn, body), call)),
    // What the store removed is removed, and with a fault not told of.
    remove: (refs, call) => stream('remove', undefined, () => store.remove(refs, call)),
    multipart: store.multipart && faultyMultipart(store.multipart),
    copy: store.copy && faultyCopy(store.copy),
    rename:
      rename &&
      ((from, to, call) => answer('rename', to, () => rename.call(store, from, to, call))),
    buckets: store.buckets && faultyBuckets(store.buckets),
    lineage: store.lineage,
    withFile: undefined, // what is read there has no faults
    archive: store.archive && faultyArchive(store.archive),
    setAttributes:
      setAttributes &&
      ((key, attributes, call) =>
        answer('setAttributes', key, () => setAttributes.call(store, key, attributes, call))),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** A whole number from 0 to below the limit. */
function below(turn: Turn, limit: number): number {
  return Math.floor(turn.random() * Math.max(0, limit))
}

function breaksStream({ fault }: Turn): boolean {
  return fault === 'truncate' || fault === 'lost-answer'
}

/** The body as it arrives at the store. */
function sent(turn: Turn, body: Body): Body {
  if (turn.fault !== 'wrong-bytes') return body
  const at = below(turn, bodySize(body))
  return {
    size: bodySize(body),
    open: (range) => flipped(readBody(body, range), at - range.start),
  }
}

/** The chunks, with one bit of the byte at `at` flipped. */
async function* flipped(
  chunks: AsyncIterable<Uint8Array>,
  at: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = at
  for await (const chunk of chunks) {
    const wrong = chunk.slice()
    flip(wrong, left)
    left -= chunk.length
    yield wrong
  }
}

function flip(bytes: Uint8Array, at: number): void {
  const byte = bytes[at]
  if (byte !== undefined) bytes[at] = byte ^ 1
}
