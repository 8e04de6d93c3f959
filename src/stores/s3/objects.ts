// Single objects: their facts, and writing them in one request.
import { type ErrorDetails, HawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type {
  Body,
  CallOptions,
  Condition,
  ObjectInfo,
  ObjectProperties,
  ReadOptions,
  StatOptions,
  WriteOptions,
} from '../../core/store.ts'
import type { Call, Client } from './client.ts'
import { sendGuarded } from './conditions.ts'
import { infoFromHeaders, kindOf, timeFrom, versionFrom } from './info.ts'
import { headObject } from './head-object.ts'
import { metadataHeaders } from './metadata.ts'
import { compositionOf } from './object-parts.ts'
import { propertyHeaders, readTags, tagsDocument } from './properties.ts'
import { type Sent, sendBody } from './upload.ts'

export async function statObject(
  client: Client,
  key: Key,
  options: ReadOptions & StatOptions = {},
  op = 'stat',
): Promise<ObjectInfo> {
  const { headers } = await headObject(client, key, options, op)
  const info = infoFromHeaders(key, headers, sizeFrom(headers))
  const again = { ...options, version: info.version }
  return {
    ...info,
    ...(options.tags && {
      properties: { ...info.properties, tags: await tagsOf(client, key, again, op) },
    }),
    ...(options.composition && { composition: await compositionOf(client, info, again, op) }),
  }
}

export async function tagsOf(
  client: Client,
  key: Key,
  { version, signal, meter }: ReadOptions,
  op: string,
): Promise<Readonly<Record<string, string>>> {
  const query = { tagging: '', versionId: version }
  const call = { op, kind: 'stat', method: 'GET', key, query, options: { signal, meter } } as const
  return client.document(call, 'Tagging', readTags)
}

/** For services that lose the tags of a copy or of what arrives in parts, as Ceph 16 does. */
export async function putTags(
  client: Client,
  key: Key,
  tags: ObjectProperties['tags'],
  op: string,
  { signal, meter }: CallOptions,
): Promise<void> {
  if (client.computesChecksums || !tags || Object.keys(tags).length === 0) return
  const response = await client.call({
    op,
    kind: 'write',
    method: 'PUT',
    key,
    query: { tagging: '' },
    body: Buffer.from(tagsDocument(tags)),
    options: { signal, meter },
  })
  await response.discard()
}

const encryptionHeaders = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
]

/** Some services take no notice of what they cannot do. @throws unsupported where the answer says nothing of encryption */
export function requireEncrypted(
  client: Client,
  call: Pick<Call, 'op' | 'key' | 'headers'>,
  answer: ReadonlyMap<string, string>,
): void {
  for (const name of encryptionHeaders)
    if (call.headers?.[name] !== undefined && answer.get(name) !== call.headers[name])
      throw new HawserError(
        'unsupported',
        'the service takes no notice of the encryption that was asked for',
        {
          ...client.details(call),
          hint: 'It stored it without: remove it there.',
        },
      )
}

function sizeFrom(headers: ReadonlyMap<string, string>): number {
  return Number(headers.get('content-length') ?? 0)
}

/** @throws integrity, precondition-failed */
export async function writeObject(
  client: Client,
  key: Key,
  body: Body,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  const { condition } = options
  const headers = {
    ...objectHeaders(options, client.details({ op: 'write', key })),
    ...client.customerKey.object,
  }
  const call = { op: 'write', kind: 'write', key, headers, options } as const
  const sent = await sendGuarded(
    client,
    { op: 'write', condition, look: (held) => lookBefore(client, key, held, 'write', options) },
    async (guard) =>
      sendBody(client, { ...call, headers: { ...headers, ...guard } }, body, options.crc64nvme),
  )
  requireEncrypted(client, call, sent.response.headers)
  return writtenInfo(client, key, sent, options)
}

/** What is set with the object, whichever way it is made. */
export function objectHeaders(
  options: Pick<WriteOptions, 'attributes' | 'metadata' | 'contentType' | 'properties'>,
  details: ErrorDetails,
): Record<string, string> {
  const headers = {
    ...metadataHeaders(options, details),
    ...propertyHeaders(options.properties ?? {}, details),
  }
  const { contentType } = options
  return contentType === undefined ? headers : { ...headers, 'content-type': contentType }
}

/** The object as it was just written. S3 does not tell its time: this is the answer's, and a listing's may differ. */
export function writtenInfo(
  client: Client,
  key: Key,
  written: Pick<Sent, 'response' | 'size' | 'etag' | 'crc64nvme'>,
  options: WriteOptions,
): ObjectInfo {
  const { headers } = written.response
  return {
    key,
    kind: kindOf(key, written.size),
    size: written.size,
    modified: timeFrom(headers.get('date')) ?? BigInt(client.clock().getTime()) * 1_000_000n,
    etag: written.etag,
    version: versionFrom(headers),
    attributes: options.attributes ?? {},
    metadata: options.metadata ?? {},
    contentType: options.contentType,
    properties: options.properties,
    storageClass: options.properties?.storageClass,
    crc64nvme: written.crc64nvme,
  }
}

/** What is there, where a condition holds on a change that the service may not guard. @throws precondition-failed */
export async function lookBefore(
  client: Client,
  key: Key,
  condition: Condition,
  op: string,
  options: CallOptions,
): Promise<ObjectInfo | undefined> {
  const found = await findObject(client, key, op, options)
  if (condition.kind === 'if-absent' ? found : found?.etag !== condition.etag)
    throw unexpected(client, key, op)
  return found
}

async function findObject(
  client: Client,
  key: Key,
  op: string,
  { signal, meter }: CallOptions,
): Promise<ObjectInfo | undefined> {
  try {
    return await statObject(client, key, { signal, meter }, op)
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}

/** As the service would say it of a condition that does not hold. */
export function unexpected(client: Client, key: Key, op: string): HawserError {
  const details = client.details({ op, key })
  return new HawserError('precondition-failed', 'the object is not as expected', details)
}
