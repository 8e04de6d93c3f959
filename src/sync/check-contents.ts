// Whether two objects hold the same bytes, proven either way: by the digests that their stores know, and where those
// prove nothing by reading.
import { isLink } from '../core/attributes.ts'
import { crc64ToHex } from '../core/digest.ts'
import { isHawserError } from '../core/errors.ts'
import type { Evidence } from '../core/events.ts'
import type { EntryKind } from '../core/store.ts'
import { type CompressedForm, decoded } from '../transfer/compress/form.ts'
import { type DigestContext, hasEtag, partSizesOf } from '../transfer/digest.ts'
import { withKnownSize } from './archived-size.ts'
import { changed, crcOf, readPiece } from './check-read.ts'
import type { Side } from './evidence.ts'
import { crcOfFile, fileAndObject, formOfOther, mayBeForms } from './forms.ts'

export interface Comparison {
  readonly same: boolean
  readonly by: Evidence
  /** What A says, and what B says. */
  readonly expected?: string | undefined
  readonly found?: string | undefined
  readonly reason?: string | undefined
}

export type HowToCompare = 'size' | 'digest' | 'bytes'

/** @throws HawserError conflict where one of them changes meanwhile */
export async function compare(
  a: Side,
  b: Side,
  how: HowToCompare,
  context: DigestContext,
): Promise<Comparison> {
  const listed = byKinds(a.entry.kind, b.entry.kind)
  if (listed && a.store.traits.hierarchical && b.store.traits.hierarchical) return listed
  const { size } = a.entry
  const form = size === b.entry.size ? undefined : await formIn(a, b, context)
  if (form) return compareForms(a, b, form, how, context)
  if (size !== b.entry.size)
    return { same: false, by: 'size', expected: String(size), found: String(b.entry.size) }
  if (how === 'size' || size === 0) return { same: true, by: 'size' }
  const known = listed && byKinds(await kindOf(a, context), await kindOf(b, context))
  if (known) return known
  try {
    return how === 'bytes' ? await byBytes(a, b, context) : await byDigests(a, b, context)
  } catch (error) {
    if (isHawserError(error) && error.code === 'precondition-failed')
      throw changed(error.key === b.entry.key ? b.seen : a.seen, error)
    throw error
  }
}

/** Of two of different sizes. */
async function formIn(
  a: Side,
  b: Side,
  context: DigestContext,
): Promise<CompressedForm | undefined> {
  const maybe = mayBeForms([a.entry, a.store.traits], [b.entry, b.store.traits])
  return maybe ? formOfOther(a, b, context) : undefined
}

/** One is an object that holds, in compressed form, a file of the other's size. */
async function compareForms(
  a: Side,
  b: Side,
  form: CompressedForm,
  how: HowToCompare,
  context: DigestContext,
): Promise<Comparison> {
  if (how === 'size') return { same: true, by: 'size' }
  const [, object] = fileAndObject(a, b)
  if (how === 'bytes') await readDecoded(object, form, context)
  const ofFile = crc64ToHex(await crcOfFile(a, b, context))
  const ofForm = crc64ToHex(form.crc64nvme)
  const [expected, found] = object === b ? [ofFile, ofForm] : [ofForm, ofFile]
  return { same: expected === found, by: 'crc64nvme', expected, found }
}

/** @throws HawserError integrity where the object does not hold what its marker tells of */
async function readDecoded(
  { store, seen }: Side,
  form: CompressedForm,
  { signal, meter }: DigestContext,
): Promise<void> {
  const body = await store.read(seen.key, { ifMatch: seen.etag, signal, meter })
  // Reading it to its end is the check.
  for await (const _ of decoded(body, form, seen)) continue
}

/** What differs where one is a link and the other is not. */
function byKinds(expected: EntryKind, found: EntryKind): Comparison | undefined {
  return expected === found ? undefined : { same: false, by: 'kind', expected, found }
}

/** The listing of an object store does not tell what is a link: a request does. */
async function kindOf(
  { store, entry }: Side,
  { signal, meter }: DigestContext,
): Promise<EntryKind> {
  if (store.traits.hierarchical) return entry.kind
  const { attributes, kind } = await store.stat(entry.key, { signal, meter })
  return isLink(attributes) ? 'symlink' : kind
}

async function byDigests(a: Side, b: Side, context: DigestContext): Promise<Comparison> {
  const byTag = await byEtags(a, b, context)
  if (byTag) return byTag
  const [ofA, ofB] = [await recorded(a, context), await recorded(b, context)]
  for (const kind of ['crc64nvme', 'md5'] as const) {
    const [expected, found] = [ofA[kind], ofB[kind]]
    if (expected !== undefined && found !== undefined)
      return { same: expected === found, by: kind, expected, found }
  }
  if (ofA.crc64nvme !== undefined) {
    const found = await crcOf(b, context)
    return { same: ofA.crc64nvme === found, by: 'crc64nvme', expected: ofA.crc64nvme, found }
  }
  if (ofB.crc64nvme !== undefined) {
    const expected = await crcOf(a, context)
    return { same: ofB.crc64nvme === expected, by: 'crc64nvme', expected, found: ofB.crc64nvme }
  }
  if (ofA.md5 !== undefined) return byMd5(b, ofA.md5, context)
  if (ofB.md5 !== undefined) return byMd5(a, ofB.md5, context)
  return byBytes(a, b, context)
}

/** Etags prove that bytes are the same. That they are not, they do not: an encrypted object's only looks like a digest. */
async function byEtags(a: Side, b: Side, context: DigestContext): Promise<Comparison | undefined> {
  const [x, y] = [etagOf(a), etagOf(b)]
  if (x !== undefined && x === y) return { same: true, by: 'etag' }
  for (const [local, remote] of [
    [a, b],
    [b, a],
  ] as const) {
    const etag = etagOf(remote)
    if (local.store.traits.modified !== 'native' || etag === undefined) continue
    if (
      await hasEtag(local.store, local.seen, etag, partSizesOf(remote.store, remote.seen), context)
    )
      return { same: true, by: 'etag' }
  }
  return undefined
}

function etagOf({ store, entry }: Side): string | undefined {
  return store.traits.etagIsMd5 ? entry.etag : undefined
}

interface Recorded {
  readonly crc64nvme?: string | undefined
  readonly md5?: string | undefined
}

/** What the store is sure of: a request, but not on a disk, which records nothing. */
async function recorded({ store, seen }: Side, context: DigestContext): Promise<Recorded> {
  if (store.traits.modified === 'native') return {}
  const { signal, meter } = context
  const info = await store.stat(seen.key, { signal, meter })
  if (withKnownSize(info, seen).size !== seen.size || info.etag !== seen.etag) throw changed(seen)
  const { crc64nvme, md5 } = info
  return { crc64nvme: crc64nvme === undefined ? undefined : crc64ToHex(crc64nvme), md5 }
}

async function byMd5(side: Side, md5: string, context: DigestContext): Promise<Comparison> {
  return { same: (await hasEtag(side.store, side.seen, md5, [], context)) ?? false, by: 'md5' }
}

const pieceSize = 1024 * 1024

/** Reads both, side by side, up to the first byte that differs. */
async function byBytes(a: Side, b: Side, context: DigestContext): Promise<Comparison> {
  const { buffers, onProgress, signal } = context
  const { size } = a.seen
  const half = Math.min(pieceSize, size, buffers.largest / 2)
  // One buffer for both: who held one and waited for another could wait for ever.
  using buffer = await buffers.acquire(2 * half, signal)
  for (let position = 0; position < size;) {
    const length = Math.min(half, size - position)
    const left = buffer.bytes.subarray(0, length)
    const right = buffer.bytes.subarray(half, half + length)
    const reads = [readPiece(a, left, position, context), readPiece(b, right, position, context)]
    // Both have ended before the buffer is given back.
    for (const result of await Promise.allSettled(reads))
      if (result.status === 'rejected') throw result.reason
    if (Buffer.compare(left, right) !== 0) {
      const at = position + left.findIndex((byte, i) => byte !== right[i])
      return { same: false, by: 'bytes', reason: `the first byte that differs is at ${at}` }
    }
    position += length
    onProgress?.(position)
  }
  return { same: true, by: 'bytes' }
}
