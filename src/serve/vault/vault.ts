// The vault of one Store: opens its ledger, and puts its parts together.
import type { Store } from '../../core/store.ts'
import { adopt, bucketsOf, requireBucket } from './buckets.ts'
import { strictClock } from './clock.ts'
import type { VaultContext } from './context.ts'
import { copy } from './copy.ts'
import { openLedger } from './ledger/ledger.ts'
import { listObjects } from './listing/objects.ts'
import { listVersions } from './listing/versions.ts'
import { startSweep } from './leftovers.ts'
import { KeyLocks } from './locks.ts'
import { find, open, type OpenStored } from './read.ts'
import { remove } from './remove.ts'
import { update } from './update.ts'
import type { Bucket, CallOptions, OpenObject, Vault } from './types.ts'
import { uploadsOf } from './uploads/uploads.ts'
import { put } from './write.ts'
import { Writers } from './writers.ts'

export interface VaultOptions {
  /** Where the ledger is; made where it is missing. */
  readonly ledger: string
  /** The access key that buckets belong to which were made by hand. */
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** @throws HawserError conflict where another process has the ledger; see openLedger */
export async function openVault(store: Store, options: VaultOptions): Promise<Vault> {
  const ledger = await openLedger(options.ledger)
  const context: VaultContext = {
    store,
    ledger,
    locks: new KeyLocks(),
    clock: strictClock(options.now),
    owner: options.owner,
  }
  const opened = new WeakMap<OpenObject, OpenStored>()
  const writers = new Writers()
  /** While it runs the bucket stays, which is looked for once more. */
  const within = async <T>(
    { name }: Bucket,
    call: CallOptions,
    task: () => Promise<T>,
  ): Promise<T> =>
    writers.during(name, async () => {
      await requireBucket(context, name, call)
      return task()
    })
  const uploads = uploadsOf(context)
  const sweeping = startSweep(context)
  return {
    buckets: bucketsOf(context, writers),
    uploads: {
      ...uploads,
      begin: (bucket, key, upload, call) =>
        within(bucket, call, () => uploads.begin(bucket, key, upload, call)),
      part: (bucket, upload, number, body, call) =>
        within(bucket, call, () => uploads.part(bucket, upload, number, body, call)),
      copyPart: (bucket, upload, number, from, call) =>
        within(bucket, call, () => uploads.copyPart(bucket, upload, number, from, call)),
      complete: (bucket, upload, request) =>
        within(bucket, request, () => uploads.complete(bucket, upload, request)),
      abort: (bucket, upload, call) =>
        within(bucket, call, () => uploads.abort(bucket, upload, call)),
    },
    find: async (bucket, key, version, call) =>
      (await find(context, bucket, key, version, call)).version,
    async open(bucket, key, version, call) {
      const object = await open(context, bucket, key, version, call)
      opened.set(object, object)
      return object
    },
    put: (bucket, key, body, facts, call) =>
      within(bucket, call, () => put(context, bucket, key, body, facts, call)),
    async copy(from, to, call) {
      const source = opened.get(from)
      if (!source) throw new Error('an object is copied that was not opened here')
      return within(to.bucket, call, () => copy(context, source, to, call))
    },
    remove: (bucket, key, version, call) =>
      within(bucket, call, async () => {
        await adopt(context, bucket)
        return remove(context, bucket, key, version, call)
      }),
    update: (bucket, version, change, call) =>
      within(bucket, call, () => update(context, bucket, version, change, call)),
    list: (bucket, query) => listObjects(context, bucket, query),
    listVersions: (bucket, query) => listVersions(context, bucket, query),
    async [Symbol.asyncDispose]() {
      await sweeping[Symbol.asyncDispose]()
      await ledger[Symbol.asyncDispose]()
    },
  }
}
