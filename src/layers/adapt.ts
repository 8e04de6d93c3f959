// Sends a service no more requests at once than it can take: fewer when it says that they are too many, by and by more
// when it does not.
import { objectBody } from '../core/body.ts'
import type { Key } from '../core/key.ts'
import type {
  Archive,
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
import type { Concurrency } from './adapt/concurrency.ts'
import { isThrottled, type Outcome, type RequestPlace } from './adapt/place.ts'
import { fed, flowing, pausing } from './adapt/streams.ts'
import type { StoreOp } from './wrap.ts'

export { Concurrency } from './adapt/concurrency.ts'
export { ServiceConcurrency } from './adapt/services.ts'

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

  function adaptArchive(archive: Archive): Archive {
    return {
      mayHold: (entry) => archive.mayHold(entry),
      takes: (tier, storageClass) => archive.takes(tier, storageClass),
      state: (ref, call) => held('archiveState', ref.key, call, () => archive.state(ref, call)),
      thaw: (ref, call) => held('thaw', ref.key, call, () => archive.thaw(ref, call)),
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
    lineage: store.lineage,
    withFile: undefined, // no service has files
    archive: store.archive && adaptArchive(store.archive),
    setAttributes:
      setAttributes &&
      ((key, attributes, call) =>
        held('setAttributes', key, call, () => setAttributes.call(store, key, attributes, call))),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
