// What an object is given beside its bytes: what its source has and the destination can keep, and what the user gives.
import { type Attributes, isAttributeName } from '../core/attributes.ts'
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type {
  ObjectInfo,
  ObjectProperties,
  StatOptions,
  Store,
  WriteOptions,
} from '../core/store.ts'
import type { CopyWork, GivenDescription, ObjectRef } from '../core/work.ts'
import { contentTypeByName } from './content-type.ts'
import type { TransferContext } from './context.ts'
import { statPlanned } from './source.ts'

export type Description = Pick<
  WriteOptions,
  'attributes' | 'metadata' | 'contentType' | 'properties' | 'crc64nvme'
>

/**
 * Of a copy whose bytes pass through here.
 * @param seen the facts of the source as it was planned, where they are known already
 */
export async function describe(
  work: CopyWork,
  context: TransferContext,
  seen?: ObjectInfo,
): Promise<Description> {
  const ask = lookOf(work, context)
  const info = seen && !ask ? seen : await statPlanned(work.from, context, ask)
  return {
    attributes: attributesFor(work, info, context),
    metadata: { ...info.metadata, ...work.metadata },
    contentType: await contentTypeFor(work, info, context),
    properties: { ...carried(info, context), ...defined(work.properties) },
    crc64nvme: info.crc64nvme,
  }
}

/**
 * Of a copy inside the store, in one request: only what is other than the source's, which the store keeps.
 * @param changed attributes to give instead of those that the source has
 */
export async function describeCopy(
  work: CopyWork,
  context: TransferContext,
  changed: Attributes | undefined,
): Promise<Description> {
  const { metadata, contentType, properties } = work
  const withXattrs = wantsXattrs(work, context)
  const info =
    metadata || withXattrs
      ? await statPlanned(work.from, context, { xattrs: withXattrs })
      : undefined
  return {
    attributes: changed ?? copiedAttributes(work, context, withXattrs ? info : undefined),
    metadata: metadata && { ...info?.metadata, ...metadata },
    contentType,
    properties,
  }
}

/** Of a copy inside the store, in parts: all that one request would have kept. */
export async function describeCopyInParts(
  work: CopyWork,
  context: TransferContext,
  changed: Attributes | undefined,
): Promise<Description> {
  const isObjectStore = !context.source.traits.hierarchical
  const info = await statPlanned(work.from, context, { tags: isObjectStore })
  // As with one request: who may read it, and how it is encrypted, are the destination's matters.
  const kept = { ...info.properties, acl: undefined, encryption: undefined }
  return {
    attributes: changed ?? (isObjectStore ? info.attributes : attributesFor(work, info, context)),
    metadata: { ...info.metadata, ...work.metadata },
    contentType: work.contentType ?? info.contentType,
    properties: { ...defined(kept), ...defined(work.properties) },
    crc64nvme: info.crc64nvme,
  }
}

/** What is to be asked of the source beside its ordinary facts; undefined for nothing. */
function lookOf(work: CopyWork, context: TransferContext): StatOptions | undefined {
  if (work.attributes !== 'all' || !context.source.traits.hierarchical) return undefined
  return { owners: !work.numericIds, xattrs: wantsXattrs(work, context) }
}

function wantsXattrs(work: CopyWork, { source }: TransferContext): boolean {
  return work.attributes === 'all' && work.xattrs === true && source.traits.hierarchical
}

/** Undefined where the store keeps the source's. On one machine numbers are enough. */
function copiedAttributes(
  work: CopyWork,
  { source }: TransferContext,
  info: ObjectInfo | undefined,
): Attributes | undefined {
  if (!source.traits.hierarchical) return undefined
  if (work.attributes === 'time') return { mtime: work.from.modified }
  return info && byNumber(info.attributes)
}

/**
 * Between object stores all that is kept as metadata. Else all that the source has, or its time alone, which a store
 * without one takes from the upload.
 */
function attributesFor(
  work: CopyWork,
  info: ObjectInfo,
  { source, target }: TransferContext,
): Attributes {
  const mtime = info.attributes.mtime ?? info.modified
  const attributes = { ...info.attributes, mtime }
  if (!source.traits.hierarchical && !target.traits.hierarchical) return attributes
  if (work.attributes === 'time') return { mtime }
  const { owner: _owner, group: _group, xattrs, ...plain } = attributes
  const named = work.numericIds ? plain : attributes
  if (!target.traits.hierarchical) return named
  return {
    ...(work.numericIds ? byNumber(plain) : named),
    xattrs: work.xattrs ? xattrs : undefined,
  }
}

/** Numbers that are to mean what they say, as with chown. */
function byNumber(attributes: Attributes): Attributes {
  const { uid, gid } = attributes
  return {
    ...attributes,
    owner: uid === undefined ? undefined : String(uid),
    group: gid === undefined ? undefined : String(gid),
  }
}

/** What says how the bytes are to be read goes with them; where and how they are kept is each store's matter. */
function carried(
  { properties = {} }: ObjectInfo,
  { target }: TransferContext,
): ObjectProperties | undefined {
  if (target.traits.hierarchical) return undefined
  const { cacheControl, contentEncoding, contentDisposition, contentLanguage, expires } = properties
  return defined({ cacheControl, contentEncoding, contentDisposition, contentLanguage, expires })
}

function defined(properties: ObjectProperties = {}): ObjectProperties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
}

async function contentTypeFor(
  work: CopyWork,
  info: ObjectInfo,
  { target }: TransferContext,
): Promise<string | undefined> {
  const known = work.contentType ?? info.contentType
  if (known !== undefined || target.traits.hierarchical || info.kind !== 'file') return known
  return contentTypeByName(work.to.key)
}

/** Of what comes from a stream, and has nothing but its bytes. */
export async function describeStream(
  given: GivenDescription,
  key: Key,
  store: Store,
): Promise<Description> {
  checkGiven(given, { location: store.location, key }, store)
  const { metadata, properties } = given
  const contentType =
    given.contentType ?? (store.traits.hierarchical ? undefined : await contentTypeByName(key))
  return { metadata, contentType, properties }
}

/** @throws HawserError invalid-argument, unsupported */
export function checkGiven(given: GivenDescription, to: ObjectRef, target: Store): void {
  const at = { op: 'copy', location: to.location, key: to.key }
  const { metadata = {}, contentType, properties = {} } = given
  const names = Object.keys(metadata)
  const taken = names.find(isAttributeName)
  if (taken !== undefined)
    throw new HawserError('invalid-argument', `metadata of the name ${taken} is the file's own`, {
      ...at,
      hint: 'Its time, mode and owners are taken from the source. Choose another name.',
    })
  const others = Object.keys(defined(properties))
  if (target.traits.hierarchical && (names.length + others.length > 0 || contentType !== undefined))
    throw new HawserError('unsupported', 'a file system keeps no properties of objects', {
      ...at,
      hint: 'Leave metadata, content type, tags and the like out, or give them to an object store.',
    })
}
