// Tells of every call once it is finished, and gives every call a meter.
import { bodySize } from '../core/body.ts'
import { asHawserError, type HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import { formatAddress } from '../core/location.ts'
import type { Meter } from '../core/meter.ts'
import type {
  Archive,
  Buckets,
  CallOptions,
  Copy,
  Multipart,
  ObjectBody,
  ReadOptions,
  Store,
} from '../core/store.ts'
import { streamedBody, type StoreOp } from './wrap.ts'

export interface CallRecord {
  readonly op: StoreOp
  readonly key: Key | undefined
  /** Where, as a user would type it. */
  readonly address: string
  /** From the call to its answer; of a stream, to its end or to where it was left. */
  readonly milliseconds: number
  /** Bytes of the object that were read, or were to be written. */
  readonly bytes: number | undefined
  readonly error: HawserError | undefined
}

export interface TraceOptions {
  /** A stream is told of when it ends or is left; one that nobody starts, never. */
  readonly onCall: (record: CallRecord) => void
  /** Counts beside the meter that a caller gives. */
  readonly meter?: Meter | undefined
  /** Milliseconds, from any beginning. */
  readonly now?: (() => number) | undefined
}

export function trace(store: Store, options: TraceOptions): Store {
  const now = options.now ?? (() => performance.now())

  function metered<O extends CallOptions>(call: O): O {
    const { meter } = options
    return meter ? { ...call, meter: call.meter ? bothMeters(meter, call.meter) : meter } : call
  }

  /** Begins a record; the function that it gives ends it. */
  function begin(op: StoreOp, key: Key | undefined): (bytes?: number, error?: unknown) => void {
    const began = now()
    return (bytes, failure) => {
      const { location } = store
      const error =
        failure === undefined ? undefined : asHawserError(failure, { op, location, key })
      const address = formatAddress(location, key)
      options.onCall({ op, key, address, milliseconds: now() - began, bytes, error })
    }
  }

  async function answer<T>(
    op: StoreOp,
    key: Key | undefined,
    run: () => Promise<T>,
    bytesOf: (result: T) => number | undefined = () => undefined,
  ): Promise<T> {
    const end = begin(op, key)
    try {
      const result = await run()
      end(bytesOf(result))
      return result
    } catch (error) {
      end(undefined, error)
      throw error
    }
  }

  async function* stream<T>(
    op: StoreOp,
    key: Key | undefined,
    items: () => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const end = begin(op, key)
    let failure: unknown
    try {
      yield* items()
    } catch (error) {
      failure = error
      throw error
    } finally {
      end(undefined, failure)
    }
  }

  async function read(key: Key, call: ReadOptions = {}): Promise<ObjectBody> {
    const end = begin('read', key)
    let body: ObjectBody
    try {
      body = await store.read(key, metered(call))
    } catch (error) {
      end(undefined, error)
      throw error
    }
    return streamedBody(body, () => counted(body, end))
  }

  async function* byteStream(
    op: StoreOp,
    key: Key,
    chunks: () => AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* counted(chunks(), begin(op, key))
  }

  function traceMultipart(multipart: Multipart): Multipart {
    const { copyPart, readPart } = multipart
    return {
      limits: multipart.limits,
      begin: (key, call = {}) => answer('begin', key, () => multipart.begin(key, metered(call))),
      part: (upload, slot, body, call = {}) =>
        answer(
          'part',
          upload.key,
          () => multipart.part(upload, slot, body, metered(call)),
          () => bodySize(body),
        ),
      copyPart:
        copyPart &&
        ((upload, slot, from, range, call = {}) =>
          answer('copyPart', upload.key, () =>
            copyPart.call(multipart, upload, slot, from, range, metered(call)),
          )),
      readPart:
        readPart &&
        ((upload, slot, size, call = {}) =>
          byteStream('readPart', upload.key, () =>
            readPart.call(multipart, upload, slot, size, metered(call)),
          )),
      parts: (upload, call = {}) =>
        stream('parts', upload.key, () => multipart.parts(upload, metered(call))),
      complete: (upload, parts, call) =>
        answer('complete', upload.key, () =>
          multipart.complete(upload, parts, call && metered(call)),
        ),
      abort: (upload, call = {}) =>
        answer('abort', upload.key, () => multipart.abort(upload, metered(call))),
      uploads: (prefix, call = {}) =>
        stream('uploads', prefix, () => multipart.uploads(prefix, metered(call))),
    }
  }

  function traceCopy(copy: Copy): Copy {
    return {
      accepts: (from) => copy.accepts(from),
      maxSize: copy.maxSize,
      copy: (from, to, call = {}) => answer('copy', to, () => copy.copy(from, to, metered(call))),
    }
  }

  function traceBuckets(buckets: Buckets): Buckets {
    return {
      list: (call = {}) => stream('listBuckets', undefined, () => buckets.list(metered(call))),
      create: (name, call = {}) =>
        answer('createBucket', undefined, () => buckets.create(name, metered(call))),
      remove: (name, call = {}) =>
        answer('removeBucket', undefined, () => buckets.remove(name, metered(call))),
    }
  }

  function traceArchive(archive: Archive): Archive {
    return {
      mayHold: (entry) => archive.mayHold(entry),
      takes: (tier, storageClass) => archive.takes(tier, storageClass),
      state: (ref, call = {}) =>
        answer('archiveState', ref.key, () => archive.state(ref, metered(call))),
      thaw: (ref, call) => answer('thaw', ref.key, () => archive.thaw(ref, metered(call))),
    }
  }

  const { rename, setAttributes, withFile } = store
  return {
    location: store.location,
    traits: store.traits,
    list: (prefix, call = {}) => stream('list', prefix, () => store.list(prefix, metered(call))),
    stat: (key, call = {}) => answer('stat', key, () => store.stat(key, metered(call))),
    read,
    readInto: (key, target, position, call = {}) =>
      answer(
        'readInto',
        key,
        () => store.readInto(key, target, position, metered(call)),
        (result) => result.length,
      ),
    write: (key, body, call = {}) =>
      answer(
        'write',
        key,
        () => store.write(key, body, metered(call)),
        () => bodySize(body),
      ),
    remove: (refs, call = {}) =>
      stream('remove', undefined, () => store.remove(refs, metered(call))),
    multipart: store.multipart && traceMultipart(store.multipart),
    copy: store.copy && traceCopy(store.copy),
    rename:
      rename &&
      ((from, to, call = {}) =>
        answer('rename', to, () => rename.call(store, from, to, metered(call)))),
    buckets: store.buckets && traceBuckets(store.buckets),
    lineage: store.lineage,
    withFile:
      withFile && ((key, use, call) => answer('withFile', key, () => withFile(key, use, call))),
    archive: store.archive && traceArchive(store.archive),
    setAttributes:
      setAttributes &&
      ((key, attributes, call = {}) =>
        answer('setAttributes', key, () =>
          setAttributes.call(store, key, attributes, metered(call)),
        )),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** Tells at the end how many bytes there were. */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  end: (bytes: number, failure: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  let failure: unknown
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length
      yield chunk
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    end(bytes, failure)
  }
}

function bothMeters(a: Meter, b: Meter): Meter {
  return {
    request(kind) {
      a.request(kind)
      b.request(kind)
    },
    sent(bytes) {
      a.sent(bytes)
      b.sent(bytes)
    },
    received(bytes) {
      a.received(bytes)
      b.received(bytes)
    },
  }
}
