// Buckets: the ledger's, and the directories that somebody made by hand at the Store's root.
import { isHawserError } from '../../core/errors.ts'
import { compareKeys, emptyKey, toKey, type Key } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import { S3Error } from '../errors.ts'
import type { VaultContext } from './context.ts'
import { freeAll, sweepWrites } from './leftovers.ts'
import { removeBytes } from './remove-bytes.ts'
import type { Bucket, Buckets, CallOptions } from './types.ts'
import { abortUploads } from './uploads/of-bucket.ts'
import type { Writers } from './writers.ts'

export function bucketsOf(context: VaultContext, writers: Writers): Buckets {
  const { store, ledger, locks } = context
  return {
    async *list(options) {
      const rows = new Map(ledger.buckets().map((row) => [row.name, row]))
      const names = new Map<string, Bucket>(rows)
      for await (const directory of directories(context, options))
        if (!names.has(directory.name)) names.set(directory.name, directory)
      yield* [...names.values()].toSorted((a, b) => compareKeys(a.name, b.name))
    },

    get: (name, options) => requireBucket(context, name, options),

    async create(name, owner, options) {
      if (!isNewName(name)) throw new S3Error('InvalidBucketName', { extra: { BucketName: name } })
      await locks.alone(name, '', async () => {
        const there = ledger.bucket(name) ?? (await handmade(context, name, options))
        if (there) throw exists(there, owner)
        if (store.traits.hierarchical)
          await store.write(directoryKey(name), new Uint8Array(0), options)
        const created = Math.floor(context.clock.next() / 1000)
        const row = { name, created, owner, versioning: 'off', cors: [], tags: {} } as const
        await ledger.write({ do: 'put-bucket', row })
      })
    },

    remove: ({ name }, options) =>
      writers.shutOut(name, async () =>
        locks.alone(name, '', async () => {
          if (!(await isEmpty(context, name, options)))
            throw new S3Error('BucketNotEmpty', { extra: { BucketName: name } })
          // First, because what comes to be there by hand meanwhile stops it.
          if (store.traits.hierarchical) await removeDirectories(context, name, options)
          const left = await abortUploads(context, name)
          await ledger.write({ do: 'remove-bucket', name }, ...left)
          await freeAll(
            context,
            left.map(({ place }) => place),
          )
        }),
      ),

    async update(bucket, change) {
      if (change.versioning !== undefined && !store.rename)
        throw new S3Error('NotImplemented', {
          message: 'Versions cannot be kept in this store: it does not rename objects.',
        })
      await locks.alone(bucket.name, '', async () => {
        const row = ledger.bucket(bucket.name) ?? bucket
        await ledger.write({ do: 'put-bucket', row: { ...row, ...change } })
      })
    },
  }
}

function exists({ name, owner }: Bucket, asking: string): S3Error {
  const code = owner === asking ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists'
  return new S3Error(code, { extra: { BucketName: name } })
}

/** @throws S3Error NoSuchBucket */
export async function requireBucket(
  context: VaultContext,
  name: string,
  options: CallOptions,
): Promise<Bucket> {
  const bucket = context.ledger.bucket(name) ?? (await handmade(context, name, options))
  if (!bucket) throw new S3Error('NoSuchBucket', { extra: { BucketName: name } })
  return bucket
}

/** A bucket that was made by hand gets its row, so that it is still there when its last object has gone. */
export async function adopt({ ledger }: VaultContext, bucket: Bucket): Promise<void> {
  if (!ledger.bucket(bucket.name)) await ledger.write({ do: 'put-bucket', row: bucket })
}

function directoryKey(name: string): Key {
  return toKey(`${name}/`)
}

/**
 * "Bucket naming rules" in the Amazon S3 User Guide: 3 to 63 characters, lower-case letters, digits, dots and hyphens;
 * begins and ends with a letter or digit; no two dots side by side, no IP address, nothing that S3 keeps for itself.
 */
function isNewName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false
  if (name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) return false
  return !reserved.test(name)
}

const reserved = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/

/** Of directories that are there already more is taken, but nothing hidden. */
function isServedName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,254}$/.test(name)
}

async function* directories(
  context: VaultContext,
  { signal }: CallOptions,
): AsyncGenerator<Bucket> {
  try {
    for await (const entry of context.store.list(emptyKey, { shallow: true, signal }))
      if (entry.kind === 'directory' && isServedName(entry.key.slice(0, -1)))
        yield fromDirectory(context, entry)
  } catch (error) {
    // The root is made with the first bucket.
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
}

async function handmade(
  context: VaultContext,
  name: string,
  { signal }: CallOptions,
): Promise<Bucket | undefined> {
  if (!isServedName(name)) return undefined
  const { store } = context
  if (!store.traits.hierarchical) {
    for await (const entry of store.list(directoryKey(name), { signal }))
      return fromDirectory(context, { ...entry, key: directoryKey(name) })
    return undefined
  }
  try {
    const entry = await store.stat(directoryKey(name), { signal })
    return entry.kind === 'directory' ? fromDirectory(context, entry) : undefined
  } catch (error) {
    if (isHawserError(error) && (error.code === 'not-found' || error.code === 'invalid-argument'))
      return undefined
    throw error
  }
}

function fromDirectory({ owner }: VaultContext, { key, modified }: Entry): Bucket {
  return {
    name: key.slice(0, -1),
    created: Number(modified / 1_000_000n),
    owner,
    versioning: 'off',
    cors: [],
    tags: {},
  }
}

async function isEmpty(
  { store, ledger }: VaultContext,
  name: string,
  { signal }: CallOptions,
): Promise<boolean> {
  if (ledger.hiddenKeys(name, { prefix: '', from: '', limit: 1 }).length > 0) return false
  try {
    for await (const entry of store.list(directoryKey(name), { signal }))
      if (entry.kind !== 'directory') return false
  } catch (error) {
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
  return true
}

/** The bucket's directory, and the empty ones below it: innermost first. */
async function removeDirectories(
  context: VaultContext,
  name: string,
  { signal }: CallOptions,
): Promise<void> {
  const { store } = context
  // Nobody here writes into it.
  await sweepWrites(context, directoryKey(name), Infinity, signal)
  const found: Key[] = []
  const list = store.list(directoryKey(name), { directories: true, signal })
  for await (const entry of list) if (entry.kind === 'directory') found.push(entry.key)
  for (const key of [...found.toReversed(), directoryKey(name)])
    await removeBytes(store, key, { signal })
}
