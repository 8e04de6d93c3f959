// How many requests of which kind a piece of work takes when nothing fails: what src/transfer/ and the stores do, as
// arithmetic. Judged by what a store says of itself, never by which one it is.
import { type RequestCounts, type RequestKind, requestKinds } from '../core/meter.ts'
import type { PartLimits, Store } from '../core/store.ts'
import { copiedPartSize, defaultPartSize, partCount, partSizeFor } from '../transfer/parts.ts'

export type { RequestCounts } from '../core/meter.ts'

/** How a store asks its service for what one call means. */
export interface RequestShape {
  /** Keys in a page of a listing. */
  readonly listed: number
  /** Keys that one request removes. */
  readonly removed: number
  /** What begins, and what completes, an object in parts. */
  readonly begin: RequestKind
  readonly complete: RequestKind
  /** What a copy inside asks for. */
  readonly copy: readonly RequestKind[]
  /** What it asks for besides where the destination must be in a certain state. */
  readonly copyCondition: readonly RequestKind[]
  /** What is asked of the source of a copy inside that goes in parts. */
  readonly copyInParts: readonly RequestKind[]
  /** What reads an object that holds nothing. */
  readonly readEmpty: RequestKind
}

/** As S3 is asked: a copy's source is looked at first, since its answer does not tell of attributes; tags are asked for apart. */
export const objectStoreShape: RequestShape = {
  listed: 1000,
  removed: 1000,
  begin: 'write',
  complete: 'write',
  copy: ['stat', 'copy'],
  copyCondition: ['stat'],
  copyInParts: ['stat', 'stat'],
  readEmpty: 'stat',
}

/** What of a store decides how many requests it is asked. */
export interface StoreFacts {
  /** Undefined for a file system, which takes none. */
  readonly shape: RequestShape | undefined
  readonly limits: PartLimits | undefined
  readonly copiesParts: boolean
  /** The largest object that is copied inside at once; undefined where nothing is. */
  readonly maxCopy: number | undefined
  /** Attributes are changed in place. */
  readonly setsAttributes: boolean
}

export function factsOf(
  store: Pick<Store, 'traits' | 'multipart' | 'copy' | 'setAttributes'>,
  shape: RequestShape = objectStoreShape,
): StoreFacts {
  return {
    shape: store.traits.hierarchical ? undefined : shape,
    limits: store.multipart?.limits,
    copiesParts: store.multipart?.copyPart !== undefined,
    maxCopy: store.copy?.maxSize,
    setsAttributes: store.setAttributes !== undefined,
  }
}

/** Between which stores, and how objects are cut. */
export interface Route {
  readonly source: StoreFacts
  readonly target: StoreFacts
  /** Bytes; the part size that the user wants, if any. */
  readonly partSize: number | undefined
  /** Bytes; what is larger is not held whole. */
  readonly largestBuffer: number
}

/** What each of the two stores is asked; of a copy inside, all by the target. */
export interface Asked {
  readonly source: RequestCounts
  readonly target: RequestCounts
}

/** A copy by way of this process. */
export function requestsOfTransfer(size: number, route: Route): Asked {
  const { source, target, partSize = defaultPartSize, largestBuffer } = route
  const from = new Counter(source.shape)
  const to = new Counter(target.shape)
  if (target.limits && size > Math.min(partSize, largestBuffer)) {
    from.add('stat')
    const parts = countParts(size, target.limits, partSize)
    if (parts === 0) return { source: from.counts, target: to.counts }
    from.add('read', parts)
    to.add('part', parts)
    to.begin()
    to.complete()
  } else {
    if (size > largestBuffer) from.add('stat')
    if (size === 0) from.readEmpty()
    else from.add('read')
    to.add('write')
  }
  return { source: from.counts, target: to.counts }
}

/** A file that is sent in so many parts as it is read, or whole. */
export function requestsOfParts(parts: number, { source, target }: Route): Asked {
  const to = new Counter(target.shape)
  if (parts === 0) to.add('write')
  else to.add('part', parts).begin().complete()
  return { source: new Counter(source.shape).counts, target: to.counts }
}

/** How an object goes where the destination may have parts of it. */
export interface DeltaShape {
  /** Undefined: whole. */
  readonly parts: { readonly uploaded: number; readonly copied: number } | undefined
  /** Its signature is written beside it. */
  readonly signed: boolean
}

/** An upload, when it is known what the destination has: without what is asked to find that out. */
export function requestsOfDelta(size: number, { parts, signed }: DeltaShape, route: Route): Asked {
  const asked = parts ? requestsOfStitch(parts, route) : requestsOfTransfer(size, route)
  const signature = new Counter(route.target.shape).add('write', signed ? 1 : 0)
  return { ...asked, target: addCounts(asked.target, signature.counts) }
}

/** What is copied from is looked at again before the object is complete. */
function requestsOfStitch(
  { uploaded, copied }: { readonly uploaded: number; readonly copied: number },
  { source, target }: Route,
): Asked {
  const to = new Counter(target.shape).add('part', uploaded).add('copy', copied).add('stat')
  return {
    source: new Counter(source.shape).add('stat').add('read', uploaded).counts,
    target: to.begin().complete().counts,
  }
}

/** A copy inside the store; a store is asked for both ends of it. */
export function requestsOfCopyInside(
  size: number,
  store: StoreFacts,
  conditional = false,
): RequestCounts {
  const { shape, limits, maxCopy = Infinity, copiesParts } = store
  const counter = new Counter(shape)
  if (size > maxCopy && limits) {
    const parts = countParts(size, limits, copiedPartSize)
    for (const kind of shape?.copyInParts ?? []) counter.add(kind)
    if (parts === 0) return counter.counts
    counter.begin()
    if (copiesParts) counter.add('copy', parts).add('stat')
    else counter.add('read', parts).add('part', parts)
    counter.complete()
  } else {
    for (const kind of shape?.copy ?? []) counter.add(kind)
    for (const kind of (conditional && shape?.copyCondition) || []) counter.add(kind)
  }
  return counter.counts
}

/** Attributes follow, the bytes stay: both are looked at, and what is changed is looked at again. */
export function requestsOfUpdate(size: number, route: Route): Asked {
  const { source, target } = route
  const looks = { source: requestsOfLooks(1, source), target: requestsOfLooks(2, target) }
  if (target.setsAttributes)
    return {
      ...looks,
      target: addCounts(looks.target, new Counter(target.shape).add('control').counts),
    }
  if (target.maxCopy !== undefined)
    return { ...looks, target: addCounts(looks.target, requestsOfCopyInside(size, target)) }
  const again = requestsOfTransfer(size, route)
  return {
    source: addCounts(looks.source, again.source),
    target: addCounts(looks.target, again.target),
  }
}

/** A listing of so many entries. */
export function requestsOfListing(entries: number, { shape }: StoreFacts): RequestCounts {
  if (!shape) return {}
  return { list: Math.max(1, Math.ceil(entries / shape.listed)) }
}

/** So many objects that are removed together. */
export function requestsOfRemovals(objects: number, { shape }: StoreFacts): RequestCounts {
  return shape && objects > 0 ? { remove: Math.ceil(objects / shape.removed) } : {}
}

/** Objects of which only the facts are asked for. */
export function requestsOfLooks(objects: number, { shape }: StoreFacts): RequestCounts {
  return new Counter(shape).add('stat', objects).counts
}

export function addCounts(a: RequestCounts, b: RequestCounts): RequestCounts {
  const sum = { ...a }
  for (const [kind, count] of countsOf(b)) sum[kind] = (sum[kind] ?? 0) + count
  return sum
}

/** Of the kinds that are counted. */
export function countsOf(counts: RequestCounts): [kind: RequestKind, count: number][] {
  const all: [RequestKind, number][] = []
  for (const kind of requestKinds) {
    const count = counts[kind]
    if (count !== undefined) all.push([kind, count])
  }
  return all
}

/** None where the store takes no object of the size: such a copy fails before it begins. */
function countParts(size: number, limits: PartLimits, wanted: number): number {
  return size > limits.maxObject ? 0 : partCount(size, partSizeFor(size, limits, wanted))
}

class Counter {
  readonly #shape: RequestShape | undefined
  #counts: RequestCounts = {}

  constructor(shape: RequestShape | undefined) {
    this.#shape = shape
  }
  get counts(): RequestCounts {
    return this.#counts
  }
  add(kind: RequestKind | undefined, count = 1): this {
    if (this.#shape && kind !== undefined && count > 0)
      this.#counts = addCounts(this.#counts, { [kind]: count })
    return this
  }
  begin(): this {
    return this.add(this.#shape?.begin)
  }
  complete(): this {
    return this.add(this.#shape?.complete)
  }
  readEmpty(): this {
    return this.add(this.#shape?.readEmpty)
  }
}
