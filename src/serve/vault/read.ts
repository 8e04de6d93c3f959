// Finding and opening versions.
import type { ObjectBody } from '../../core/store.ts'
import { isHawserError } from '../../core/errors.ts'
import { S3Error } from '../errors.ts'
import type { VaultContext } from './context.ts'
import { look, lookAndOpen } from './look.ts'
import { isToldByTime, matchOf } from './match.ts'
import { isObject, type Resolved, type Stored, type StoredObject } from './resolve.ts'
import type { Bucket, ByteRange, CallOptions, OpenObject, OpenOptions } from './types.ts'

/** How often an object that is replaced just when it is opened is looked for again. */
const tries = 10

/** The latest version, or the one that is named. @throws S3Error NoSuchKey, NoSuchVersion */
export function pick({ versions }: Resolved, key: string, version: string | undefined): Stored {
  if (version === undefined) {
    const [latest] = versions
    if (!latest) throw new S3Error('NoSuchKey', { extra: { Key: key } })
    return latest
  }
  const named = versions.find((stored) => stored.version.version === version)
  if (!named) throw new S3Error('NoSuchVersion', { extra: { Key: key, VersionId: version } })
  return named
}

export async function find(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  version: string | undefined,
  options: CallOptions,
): Promise<Stored> {
  return pick(await look(context, bucket.name, key, options), key, version)
}

/** What `open` gives, with what the vault knows of it. */
export interface OpenStored extends OpenObject {
  readonly bucket: Bucket
  readonly stored: StoredObject
}

/** @throws S3Error also where the latest version is a delete marker, or the one that is named */
export async function open(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  version: string | undefined,
  options: OpenOptions,
): Promise<OpenStored> {
  for (let attempt = 0; attempt < tries; attempt++) {
    // A file is opened as quickly as it is looked at.
    const { resolved, body } =
      version === undefined && isToldByTime(context.store)
        ? await lookAndOpen(context, bucket.name, key, options)
        : { resolved: await look(context, bucket.name, key, options), body: undefined }
    let used: ObjectBody | undefined
    try {
      const stored = pick(resolved, key, version)
      if (!isObject(stored)) throw markerRefusal(stored, key, version)
      const range = options.select?.(stored.version)
      if (body && stored.plain && !range) used = body
      else used = await openBytes(context, stored, range, options)
      if (used)
        return {
          version: stored.version,
          range: range ?? { start: 0, end: stored.version.size },
          bytes: used,
          bucket,
          stored,
        }
    } finally {
      if (body && used !== body) await leave(body)
    }
  }
  throw new S3Error('ServiceUnavailable', { message: 'The object is replaced all the time.' })
}

function markerRefusal({ version }: Stored, key: string, named: string | undefined): S3Error {
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.version }
  const lastModified = new Date(version.modified).toUTCString()
  return named === undefined
    ? new S3Error('NoSuchKey', { extra: { Key: key }, headers })
    : new S3Error('MethodNotAllowed', {
        extra: { Method: 'GET', ResourceType: 'DeleteMarker' },
        headers: { ...headers, allow: 'DELETE', 'last-modified': lastModified },
      })
}

/** Undefined where other bytes, or none, are at the place by now. */
async function openBytes(
  { store }: VaultContext,
  stored: StoredObject,
  range: ByteRange | undefined,
  { signal, buffer }: OpenOptions,
): Promise<ObjectBody | undefined> {
  // Stores refuse a range of nothing.
  const wanted = range && range.end > range.start ? range : undefined
  let body: ObjectBody
  try {
    body = await store.read(stored.place, { range: wanted, signal, buffer })
  } catch (error) {
    if (isHawserError(error) && (error.code === 'not-found' || error.code === 'range'))
      return undefined
    throw error
  }
  if (matchOf(store, body.info) === stored.match) return body
  await leave(body)
  return undefined
}

async function leave(body: ObjectBody): Promise<void> {
  await body[Symbol.asyncIterator]().return?.()
}
