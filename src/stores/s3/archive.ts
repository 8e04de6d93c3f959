// Objects in archives: what the service says of them, and the request that makes them readable (RestoreObject).
// What is archived is what the service answers. The name of a class only tells where asking is needless.
import { HawserError, isHawserError } from '../../core/errors.ts'
import { isSameEtag } from '../../core/etag.ts'
import type {
  Archive,
  ArchiveState,
  CallOptions,
  KeyRef,
  ThawOptions,
  ThawTier,
} from '../../core/store.ts'
import type { Client } from './client.ts'
import { headObject } from './head-object.ts'
import { etagFrom } from './info.ts'
import { readObject } from './read.ts'

/** Classes of S3 whose objects can always be read. Other services have classes of their own, which have to be asked for. */
const alwaysReadable: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'EXPRESS_ONEZONE',
])

/** Moves what is not asked for to its archive tiers, and what is asked for back, for good. */
const tiering = 'INTELLIGENT_TIERING'

export function s3Archive(client: Client): Archive {
  return {
    mayHold: ({ storageClass = 'STANDARD' }) => !alwaysReadable.has(storageClass),
    takes: (tier, storageClass) => tier !== 'expedited' || storageClass !== 'DEEP_ARCHIVE',
    state: (ref, options) => archiveState(client, ref, options),
    thaw: (ref, options) => thawObject(client, ref, options),
  }
}

async function archiveState(
  client: Client,
  ref: KeyRef,
  { signal, meter }: CallOptions = {},
): Promise<ArchiveState> {
  const call = { version: ref.version, signal, meter }
  const { headers } = await headObject(client, ref.key, call, 'archiveState')
  const storageClass = headers.get('x-amz-storage-class')
  const restored = headers.get('x-amz-restore')
  if (restored !== undefined) return restoreState(restored, storageClass)
  if (headers.has('x-amz-archive-status')) return { kind: 'archived', storageClass }
  if (storageClass === undefined || storageClass === tiering || alwaysReadable.has(storageClass))
    return { kind: 'readable' }
  return (await canBeRead(client, ref, call))
    ? { kind: 'readable' }
    : { kind: 'archived', storageClass }
}

/** `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"` */
export function restoreState(header: string, storageClass: string | undefined): ArchiveState {
  if (/ongoing-request\s*=\s*"true"/i.test(header)) return { kind: 'thawing', storageClass }
  const [, date = ''] = /expiry-date\s*=\s*"([^"]*)"/i.exec(header) ?? []
  const until = Date.parse(date)
  return {
    kind: 'thawed',
    storageClass,
    until: Number.isNaN(until) ? undefined : new Date(until),
  }
}

/** By its first byte: services have classes of these names that are no archives, and archives of other names. */
async function canBeRead(
  client: Client,
  { key, version }: KeyRef,
  { signal, meter }: CallOptions,
): Promise<boolean> {
  try {
    const body = await readObject(client, key, {
      range: { start: 0, end: 1 },
      version,
      signal,
      meter,
    })
    await body[Symbol.asyncIterator]().return?.()
    return true
  } catch (error) {
    if (!isHawserError(error)) throw error
    if (error.code === 'archived') return false
    // It holds nothing.
    if (error.code === 'range') return true
    throw error
  }
}

const tierNames: Readonly<Record<ThawTier, string>> = {
  bulk: 'Bulk',
  standard: 'Standard',
  expedited: 'Expedited',
}

async function thawObject(
  client: Client,
  { key, etag, version }: KeyRef,
  { tier, days, signal, meter }: ThawOptions,
): Promise<void> {
  const call = { version, signal, meter }
  const { headers } = await headObject(client, key, call, 'thaw')
  // RestoreObject takes no condition.
  if (etag !== undefined && !isSameEtag(etag, etagFrom(headers.get('etag'))))
    throw new HawserError(
      'precondition-failed',
      'another object is there by now',
      client.details({ op: 'thaw', key }),
    )
  // "Objects in S3 Intelligent-Tiering archive access tiers are not subject to restore expiry": days are refused there.
  const lasts = headers.get('x-amz-storage-class') === tiering
  const body = restoreRequest(tier, lasts ? undefined : days)
  try {
    const response = await client.call({
      op: 'thaw',
      kind: 'control',
      method: 'POST',
      key,
      query: { restore: '', versionId: version },
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from(body),
      options: { signal, meter },
    })
    await response.discard()
  } catch (error) {
    if (!isDoneAlready(error)) throw error
  }
}

function restoreRequest(tier: ThawTier, days: number | undefined): string {
  const lasting = days === undefined ? '' : `<Days>${days}</Days>`
  const job = `<GlacierJobParameters><Tier>${tierNames[tier]}</Tier></GlacierJobParameters>`
  return `<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${lasting}${job}</RestoreRequest>`
}

/** It is on its way (RestoreAlreadyInProgress), or there is nothing to thaw (InvalidObjectState). */
function isDoneAlready(error: unknown): boolean {
  if (!isHawserError(error)) return false
  return error.code === 'archived' || (error.code === 'conflict' && error.retry === 'never')
}
