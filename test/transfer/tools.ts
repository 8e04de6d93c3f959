// What the tests of transfers and of syncs share: stores that differ in one thing, contexts, a state of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Multipart, ObjectInfo, PartReceipt, Store } from '../../src/core/store.ts'
import type { CopyWork, SeenObject } from '../../src/core/work.ts'
import { openState, type State } from '../../src/state/state.ts'
import { BufferPool } from '../../src/transfer/buffers.ts'
import type { TransferContext } from '../../src/transfer/context.ts'
import { Proofs } from '../../src/transfer/proofs.ts'
import { Semaphore } from '../../src/transfer/semaphore.ts'

export const KiB = 1024
export const nothing = (): void => {}

/** The store with some of its methods or facets replaced. */
export function storeWith(store: Store, changes: Partial<Store>): Store {
  const { rename, setAttributes } = store
  return {
    location: store.location,
    traits: store.traits,
    list: (prefix, call) => store.list(prefix, call),
    stat: (key, call) => store.stat(key, call),
    read: (key, call) => store.read(key, call),
    readInto: (key, target, position, call) => store.readInto(key, target, position, call),
    write: (key, body, call) => store.write(key, body, call),
    remove: (refs, call) => store.remove(refs, call),
    multipart: store.multipart,
    copy: store.copy,
    rename: rename && ((...given) => rename.apply(store, given)),
    buckets: store.buckets,
    lineage: store.lineage,
    withFile: store.withFile,
    archive: store.archive,
    setAttributes: setAttributes && ((...given) => setAttributes.apply(store, given)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    ...changes,
  }
}

export function multipartOf(store: Store): Multipart {
  if (!store.multipart) throw new Error('the store takes no parts')
  return store.multipart
}

/** The store with some of its multipart methods or limits replaced. */
export function withMultipart(
  store: Store,
  changes: (multipart: Multipart) => Partial<Multipart>,
): Store {
  const multipart = multipartOf(store)
  return storeWith(store, { multipart: { ...multipart, ...changes(multipart) } })
}

const silentInfo = (info: ObjectInfo): ObjectInfo => ({
  ...info,
  crc64nvme: undefined,
  md5: undefined,
})
const silentPart = (part: PartReceipt): PartReceipt => ({ ...part, crc64nvme: undefined })

/** Tells no checksums, and its etags tell nothing. */
export function silent(store: Store): Store {
  const multipart = multipartOf(store)
  const { copyPart } = multipart
  const { copy } = store
  return storeWith(store, {
    traits: { ...store.traits, etagIsMd5: false },
    stat: async (...given) => silentInfo(await store.stat(...given)),
    write: async (...given) => silentInfo(await store.write(...given)),
    async readInto(...given) {
      const { info, length } = await store.readInto(...given)
      return { info: silentInfo(info), length }
    },
    copy: copy && {
      ...copy,
      copy: async (...given) => silentInfo(await copy.copy(...given)),
    },
    multipart: {
      ...multipart,
      part: async (...given) => silentPart(await multipart.part(...given)),
      copyPart: copyPart && (async (...given) => silentPart(await copyPart(...given))),
      async *parts(...given) {
        for await (const part of multipart.parts(...given)) yield silentPart(part)
      },
      complete: async (...given) => silentInfo(await multipart.complete(...given)),
    },
  })
}

export async function unfinished(store: Store): Promise<string[]> {
  const uploads = await Array.fromAsync(multipartOf(store).uploads(toKey('')))
  return uploads.map(({ key }) => key)
}

/** A directory that is gone after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A state that is gone after the test. */
export async function temporaryState(): Promise<State> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-state-'))
  const state = await openState(directory)
  onTestFinished(async () => {
    await state[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })
  return state
}

export function contextOf(
  source: Store,
  target: Store,
  more: Partial<TransferContext> = {},
): TransferContext {
  return {
    source,
    target,
    buffers: new BufferPool(512 * KiB, 64 * KiB),
    lanes: new Semaphore(4),
    journal: undefined,
    partSize: 10 * KiB,
    proofs: new Proofs(),
    ...more,
  }
}

export async function seen(store: Store, key: string): Promise<SeenObject> {
  const { kind, size, etag, modified } = await store.stat(toKey(key))
  return { location: store.location, key: toKey(key), kind, size, etag, modified }
}

/** The work of copying an object as it is now, to the same key of another store. */
export async function workOf(
  source: Store,
  target: Store,
  key: string,
  more: Partial<CopyWork> = {},
): Promise<CopyWork> {
  return {
    do: 'copy',
    from: await seen(source, key),
    to: { location: target.location, key: toKey(key) },
    attributes: 'time',
    condition: undefined,
    ...more,
  }
}

/** Items that are given one by one, each when it is asked for; tells how many were, and whether the end was reached. */
export class Given<T> implements AsyncIterable<T> {
  given = 0
  closed = false
  readonly #items: readonly T[]
  constructor(items: readonly T[]) {
    this.#items = items
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (const item of this.#items) {
        this.given++
        yield item
      }
    } finally {
      this.closed = true
    }
  }
}

/** Lets everything that can go on without an event from outside do so. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns++)
    await new Promise<void>((resolve) => setImmediate(resolve))
}
