// Deletes: the latest version goes or is covered by a delete marker, or a named version goes for good.
import { checkConditions } from './conditions.ts'
import type { VaultContext } from './context.ts'
import { displace, displaced } from './displace.ts'
import type { VersionRow } from './ledger/types.ts'
import { freeAll } from './leftovers.ts'
import { look } from './look.ts'
import { isRefusedName, isDirectoryName, plainKey } from './places.ts'
import { nextSequence } from './publication.ts'
import { placesOf, removals } from './removals.ts'
import { removeBytes } from './remove-bytes.ts'
import { isObject, type Resolved, type Stored } from './resolve.ts'
import type { Bucket, PutOptions, Removed, Versioning } from './types.ts'
import { newVersion, versioningOf } from './versioning.ts'

/** Under the key's lock, like every change. */
export async function remove(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  version: string | undefined,
  options: PutOptions,
): Promise<Removed> {
  return context.locks.alone(bucket.name, key, async () => {
    const before = await look(context, bucket.name, key, options)
    checkConditions(options.conditions, before)
    if (version !== undefined) return removeVersion(context, bucket, key, version, before, options)
    const versioning = versioningOf(context, bucket)
    if (versioning !== 'off') return mark(context, bucket, key, versioning, before)
    await removeStored(context, before, before.versions)
    return { version: undefined, marker: false }
  })
}

async function removeVersion(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  version: string,
  before: Resolved,
  options: PutOptions,
): Promise<Removed> {
  const named = before.versions.find((stored) => stored.version.version === version)
  if (named) await removeStored(context, before, [named])
  if (named?.version.latest) await uncover(context, bucket, key, options)
  return { version, marker: named?.version.kind === 'marker' }
}

/**
 * Bytes at a plain name go before their row, which does not count without them; bytes in the hidden place, which do not
 * count without their row, after it.
 */
async function removeStored(
  context: VaultContext,
  { stale, remains }: Resolved,
  removed: readonly Stored[],
): Promise<void> {
  const { store, ledger } = context
  if (remains !== undefined) await removeBytes(store, remains)
  for (const stored of removed)
    if (isObject(stored) && stored.plain) await removeBytes(store, stored.place)
  const rows = [...stale, ...removed.flatMap(({ row }) => row ?? [])]
  if (rows.length === 0) return
  const written = ledger.write(...removals(rows))
  const hidden = placesOf(rows)
  // Rows of bytes that are gone count for nothing: no need to wait.
  if (hidden.length === 0 && removed.every(isObject)) written.catch(() => {})
  else await written
  await freeAll(context, hidden)
}

/** Covers the key with a delete marker; where versioning is suspended, it takes the place of the null version. */
async function mark(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  versioning: Versioning,
  before: Resolved,
): Promise<Removed> {
  const time = context.clock.next()
  const version = newVersion(versioning)
  const row: VersionRow = {
    bucket: bucket.name,
    key,
    version,
    sequence: nextSequence(before, time),
    marker: true,
    place: undefined,
    match: '',
    size: 0,
    modified: Math.floor(time / 1000),
    record: undefined,
  }
  const stays = displaced(before, version)
  if (stays) await displace(context, bucket.name, stays, row.sequence - 1, [row])
  else await context.ledger.write({ do: 'put-version', row })
  const replaced = before.versions.filter((stored) => stored.version.version === version)
  await removeStored(context, before, replaced)
  return { version, marker: true }
}

/** What is the latest now comes back to its own name, if the Store can have it there. */
async function uncover(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  options: PutOptions,
): Promise<void> {
  const { store, ledger } = context
  const [latest] = (await look(context, bucket.name, key, options)).versions
  if (!isObject(latest) || latest.plain || !latest.row || !store.rename) return
  if (isDirectoryName(store, key)) return
  try {
    await store.rename({ key: latest.place }, plainKey(bucket.name, key))
  } catch (error) {
    if (isRefusedName(error)) return
    throw error
  }
  await ledger.write({ do: 'put-version', row: { ...latest.row, place: undefined } })
}
