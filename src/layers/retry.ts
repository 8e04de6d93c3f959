// Tries again what the store says may be tried later. Stores themselves never do.
import { isHawserError, type ErrorCode } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type {
  Archive,
  Buckets,
  CallOptions,
  Copy,
  CopySource,
  Multipart,
  ObjectInfo,
  Store,
  WriteOptions,
} from '../core/store.ts'
import { isCompleted, isWritten, unclear } from './retry/lost.ts'
import { removeAgain } from './retry/remove.ts'
import { bytesAgain, listAgain, namedAgain, readAgain } from './retry/streams.ts'
import {
  again,
  settingsOf,
  type RetryOptions,
  type RetrySettings,
  type TriedCall,
  type Tries,
} from './retry/tries.ts'
import type { StoreOp } from './wrap.ts'

export { RetryBudget, type RetryOptions } from './retry/tries.ts'

/**
 * The store, with every call tried again after an error whose `retry` is `later`: after a wait that grows and has
 * jitter, never before Retry-After, within `options.budget`. What still fails then is thrown as `exhausted`.
 *
 * - `list` and `read` continue where they broke; a read never joins two versions of an object.
 * - A conditional `write`, `copy` or `complete` that is refused after an answer was lost is a success where the object
 *   there is, by its size and digest, the one that was sent.
 * - A `begin` whose answer was lost leaves an upload behind that nobody knows the id of: `uploads` lists it.
 */
export function retry(store: Store, options: RetryOptions = {}): Store {
  const settings = settingsOf(options)
  const { rename, setAttributes } = store

  function about(op: StoreOp, key: Key | undefined, call: CallOptions | undefined): TriedCall {
    return { op, location: store.location, key, signal: call?.signal }
  }

  const statAgain = (key: Key, call: CallOptions | undefined): Promise<ObjectInfo> =>
    again(settings, about('stat', key, call), () => store.stat(key, call))

  return {
    location: store.location,
    traits: store.traits,
    list: (prefix, call) => listAgain(store, settings, about('list', prefix, call), prefix, call),
    stat: statAgain,
    read: (key, call) => readAgain(store, settings, about('read', key, call), key, call),
    readInto: (key, target, position, call) =>
      again(settings, about('readInto', key, call), () =>
        store.readInto(key, target, position, call),
      ),
    write: (key, body, call) =>
      again(settings, about('write', key, call), (tries) =>
        recognised(
          tries,
          () => store.write(key, body, call),
          () => statAgain(key, plain(call)),
          (info) => isWritten(info, body, call?.crc64nvme, store.traits),
        ),
      ),
    remove: (refs, call) =>
      removeAgain(store, settings, about('remove', undefined, call), refs, call),
    multipart: store.multipart && multipartAgain(store, store.multipart, settings, about),
    copy: store.copy && copyAgain(store, store.copy, settings, about),
    rename:
      rename &&
      ((from, to, call) =>
        again(settings, about('rename', to, call), (tries) =>
          recognised(
            tries,
            () => rename.call(store, from, to, call),
            () => statAgain(to, plain(call)),
            (info) => from.etag !== undefined && info.etag === from.etag,
          ),
        )),
    buckets: store.buckets && bucketsAgain(store.buckets, settings, about),
    lineage: store.lineage,
    withFile: undefined, // no service has files
    archive: store.archive && archiveAgain(store.archive, settings, about),
    setAttributes:
      setAttributes &&
      ((key, attributes, call) =>
        again(settings, about('setAttributes', key, call), () =>
          setAttributes.call(store, key, attributes, call),
        )),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

type About = (op: StoreOp, key: Key | undefined, call: CallOptions | undefined) => TriedCall

function multipartAgain(
  store: Store,
  multipart: Multipart,
  settings: RetrySettings,
  about: About,
): Multipart {
  const { copyPart, readPart } = multipart

  return {
    limits: multipart.limits,
    begin: (key, call) =>
      again(settings, about('begin', key, call), () => multipart.begin(key, call)),
    part: (upload, slot, body, call) =>
      again(settings, about('part', upload.key, call), () =>
        multipart.part(upload, slot, body, call),
      ),
    copyPart:
      copyPart &&
      ((upload, slot, from, range, call) =>
        again(settings, about('copyPart', upload.key, call), () =>
          copyPart.call(multipart, upload, slot, from, range, call),
        )),
    readPart:
      readPart &&
      ((upload, slot, size, call) =>
        bytesAgain(settings, about('readPart', upload.key, call), () =>
          readPart.call(multipart, upload, slot, size, call),
        )),
    parts: (upload, call) =>
      namedAgain(
        settings,
        about('parts', upload.key, call),
        () => multipart.parts(upload, call),
        (part) => part.number,
      ),
    complete: (upload, parts, call) =>
      again(settings, about('complete', upload.key, call), (tries) =>
        recognised(
          tries,
          () => multipart.complete(upload, parts, call),
          () =>
            again(settings, about('stat', upload.key, call), () =>
              store.stat(upload.key, plain(call)),
            ),
          (info) => isCompleted(info, parts, call, store.traits),
        ),
      ),
    abort: (upload, call) =>
      again(settings, about('abort', upload.key, call), () => multipart.abort(upload, call)),
    uploads: (prefix, call) =>
      namedAgain(
        settings,
        about('uploads', prefix, call),
        () => multipart.uploads(prefix, call),
        (upload) => upload.id,
      ),
  }
}

function copyAgain(store: Store, copy: Copy, settings: RetrySettings, about: About): Copy {
  /** A copy keeps the MD5 that its source has as etag; without that, only a digest the caller knows can tell. */
  function isCopied(info: ObjectInfo, from: CopySource, call: WriteOptions | undefined): boolean {
    if (call?.crc64nvme !== undefined && info.crc64nvme !== undefined)
      return info.crc64nvme === call.crc64nvme
    return store.traits.etagIsMd5 && info.etag !== undefined && info.etag === from.etag
  }
  return {
    accepts: (from) => copy.accepts(from),
    maxSize: copy.maxSize,
    copy: (from, to, call) =>
      again(settings, about('copy', to, call), (tries) =>
        recognised(
          tries,
          () => copy.copy(from, to, call),
          () => again(settings, about('stat', to, call), () => store.stat(to, plain(call))),
          (info) => isCopied(info, from, call),
        ),
      ),
  }
}

function bucketsAgain(buckets: Buckets, settings: RetrySettings, about: About): Buckets {
  return {
    list: (call) =>
      namedAgain(
        settings,
        about('listBuckets', undefined, call),
        () => buckets.list(call),
        (bucket) => bucket.name,
      ),
    create: (name, call) =>
      again(settings, about('createBucket', undefined, call), () => buckets.create(name, call)),
    remove: (name, call) =>
      again(settings, about('removeBucket', undefined, call), () => buckets.remove(name, call)),
  }
}

function archiveAgain(archive: Archive, settings: RetrySettings, about: About): Archive {
  return {
    mayHold: (entry) => archive.mayHold(entry),
    takes: (tier, storageClass) => archive.takes(tier, storageClass),
    state: (ref, call) =>
      again(settings, about('archiveState', ref.key, call), () => archive.state(ref, call)),
    thaw: (ref, call) =>
      again(settings, about('thaw', ref.key, call), () => archive.thaw(ref, call)),
  }
}

/** What a store answers when the change was made already. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'precondition-failed',
  'already-exists',
  'not-found',
])

/** Runs `change`. Where it is refused after a lost answer, and what is there is ours, that is its result. */
async function recognised(
  tries: Tries,
  change: () => Promise<ObjectInfo>,
  look: () => Promise<ObjectInfo>,
  isOurs: (info: ObjectInfo) => boolean | Promise<boolean>,
): Promise<ObjectInfo> {
  try {
    return await change()
  } catch (error) {
    if (!tries.lost || !isHawserError(error) || !refusals.has(error.code)) throw error
    const info = await look().catch((failure: unknown) => {
      if (isHawserError(failure) && failure.code === 'not-found') return undefined
      throw failure
    })
    if (info && (await isOurs(info))) return info
    throw unclear(error)
  }
}

/** Of the options of a change, those of the call itself. */
function plain(call: CallOptions | undefined): CallOptions {
  return { signal: call?.signal, meter: call?.meter }
}
