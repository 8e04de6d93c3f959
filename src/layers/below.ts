// The objects below a prefix as a store of their own.
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey, keyBytes, toKey, type Key } from '../core/key.ts'
import { locationId, type Location } from '../core/location.ts'
import { asTree, type Place } from '../core/place.ts'
import type {
  Archive,
  Copy,
  CopySource,
  KeyRef,
  ListOptions,
  Multipart,
  ObjectInfo,
  Removal,
  RemoveOptions,
  Store,
  Upload,
} from '../core/store.ts'
import { streamedBody, type StoreOp } from './wrap.ts'

/** What lies behind the locations of the stores made here, so that each takes copies from the others. */
const places = new WeakMap<Location, Place>()

/**
 * The place as a store: keys get its prefix on the way in and lose it on the way out, as do those of errors, whose
 * addresses stay what they were. Nothing beside the prefix is seen or touched, nor is an object whose whole name is the
 * prefix. The prefix need not exist; one without a `/` at its end gets one, and an empty one gives the store itself.
 * Disposing of it disposes of the store.
 */
export function below(place: Place): Store {
  const tree = asTree(place)
  if (tree.prefix === '') return place.store
  const { store, prefix } = tree
  const { traits, rename, setAttributes, lineage, withFile } = store
  const location = { ...store.location, root: rootBelow(store.location.root, prefix) }
  places.set(location, tree)

  const whole = (key: Key): Key => joinKey(prefix, key)
  const wholeOf = (upload: Upload): Upload => ({ ...upload, key: whole(upload.key) })

  /** As `whole`, of an object. @throws HawserError invalid-argument where the name is empty: it would be the prefix itself */
  function name(op: StoreOp, key: Key): Key {
    if (key !== '') return whole(key)
    throw new HawserError('invalid-argument', 'an object needs a name', { op, location, key })
  }

  const own = <T extends { readonly key: Key }>(item: T): T => ({
    ...item,
    key: toKey(item.key.slice(prefix.length)),
  })

  function ownError(error: unknown): unknown {
    if (!isHawserError(error) || !error.location || !error.key?.startsWith(prefix)) return error
    if (locationId(error.location) !== locationId(store.location)) return error
    return error.with({ location, key: own({ key: error.key }).key })
  }

  async function answer<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      throw ownError(error)
    }
  }

  const info = async (run: () => Promise<ObjectInfo>): Promise<ObjectInfo> => own(await answer(run))

  async function* stream<T>(items: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    try {
      yield* items()
    } catch (error) {
      throw ownError(error)
    }
  }

  async function* list(at: Key, call: ListOptions = {}): ReturnType<Store['list']> {
    const { after, enter, onProblem } = call
    const options: ListOptions = {
      ...call,
      after: after === undefined ? undefined : whole(after),
      enter: enter && ((directory) => enter(toKey(directory.slice(prefix.length)))),
      onProblem: onProblem && ((error) => onProblem(asError(ownError(error)))),
    }
    for await (const entry of stream(() => store.list(whole(at), options)))
      if (entry.key !== prefix) yield own(entry)
  }

  /** Asked of what lies below, too. */
  const keepBelow = <T extends Pick<RemoveOptions, 'keep'>>(call: T | undefined): T | undefined => {
    const keep = call?.keep
    return keep
      ? { ...call, keep: (directory) => keep(toKey(directory.slice(prefix.length))) }
      : call
  }
  const remove: Store['remove'] = async function* (refs, call) {
    const refused: Removal[] = []
    async function* named(): AsyncGenerator<KeyRef> {
      for await (const ref of refs) {
        try {
          yield { ...ref, key: name('remove', ref.key) }
        } catch (error) {
          refused.push({ key: ref.key, error: asError(error) })
        }
      }
    }
    for await (const removal of stream(() => store.remove(named(), keepBelow(call))))
      yield own({ ...removal, error: removal.error && asError(ownError(removal.error)) })
    yield* refused
  }

  function multipartBelow(multipart: Multipart): Multipart {
    const { copyPart, readPart } = multipart
    return {
      limits: multipart.limits,
      begin: async (key, call) => {
        const options = call?.basis ? { ...call, basis: origin(call.basis) } : call
        return own(await answer(async () => multipart.begin(name('begin', key), options)))
      },
      part: (upload, slot, body, call) =>
        answer(() => multipart.part(wholeOf(upload), slot, body, call)),
      copyPart:
        copyPart &&
        ((upload, slot, from, range, call) =>
          answer(() => copyPart.call(multipart, wholeOf(upload), slot, origin(from), range, call))),
      readPart:
        readPart &&
        ((upload, slot, size, call) =>
          stream(() => readPart.call(multipart, wholeOf(upload), slot, size, call))),
      parts: (upload, call) => stream(() => multipart.parts(wholeOf(upload), call)),
      complete: (upload, parts, call) =>
        info(() => multipart.complete(wholeOf(upload), parts, call)),
      abort: (upload, call) => answer(() => multipart.abort(wholeOf(upload), call)),
      async *uploads(at, call) {
        for await (const upload of stream(() => multipart.uploads(whole(at), call)))
          yield own(upload)
      },
    }
  }

  function copyBelow(copy: Copy): Copy {
    return {
      accepts: (from) => copy.accepts(originStore(from)),
      maxSize: copy.maxSize,
      copy: (from, to, call) => info(async () => copy.copy(origin(from), name('copy', to), call)),
    }
  }

  function archiveBelow(archive: Archive): Archive {
    return {
      mayHold: (entry) => archive.mayHold(entry),
      takes: (tier, storageClass) => archive.takes(tier, storageClass),
      state: (ref, call) =>
        answer(async () => archive.state({ ...ref, key: name('archiveState', ref.key) }, call)),
      thaw: (ref, call) =>
        answer(async () => archive.thaw({ ...ref, key: name('thaw', ref.key) }, call)),
    }
  }

  return {
    location,
    traits: {
      ...traits,
      reserved: traits.reserved?.startsWith(prefix)
        ? toKey(traits.reserved.slice(prefix.length))
        : undefined,
      maxKeyBytes: Math.max(0, traits.maxKeyBytes - keyBytes(prefix)),
    },
    list,
    stat: (key, call) => info(async () => store.stat(name('stat', key), call)),
    async read(key, call) {
      const body = await answer(async () => store.read(name('read', key), call))
      return { ...streamedBody(body, () => stream(() => body)), info: own(body.info) }
    },
    async readInto(key, target, position, call) {
      const result = await answer(async () =>
        store.readInto(name('readInto', key), target, position, call),
      )
      return { ...result, info: own(result.info) }
    },
    write: (key, body, call) => info(async () => store.write(name('write', key), body, call)),
    remove,
    multipart: store.multipart && multipartBelow(store.multipart),
    copy: store.copy && copyBelow(store.copy),
    rename:
      rename &&
      ((from, to, call) =>
        info(async () => {
          const source = { ...from, key: name('rename', from.key) }
          return rename.call(store, source, name('rename', to), keepBelow(call))
        })),
    buckets: undefined,
    lineage: lineage && ((directory) => lineage(whole(directory))),
    withFile:
      withFile &&
      ((key, use, call) => answer(async () => withFile(name('withFile', key), use, call))),
    archive: store.archive && archiveBelow(store.archive),
    setAttributes:
      setAttributes &&
      ((key, attributes, call) =>
        answer(async () =>
          setAttributes.call(store, name('setAttributes', key), attributes, call),
        )),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

function rootBelow(root: string, prefix: Key): string {
  const path = prefix.slice(0, -1)
  return root === '' || root.endsWith('/') ? root + path : `${root}/${path}`
}

/** The object by the store that has it, through any number of prefixes. */
function origin(from: CopySource): CopySource {
  const place = places.get(from.location)
  if (!place) return from
  const key = joinKey(place.prefix, from.key)
  return origin({ ...from, location: place.store.location, key })
}

function originStore(from: Store): Store {
  const place = places.get(from.location)
  return place ? originStore(place.store) : from
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
