// Digests of an object as it lies in a store, read in order with bounded memory.
import { createHash, type Hash } from 'node:crypto'
import type { SeenObject } from '../core/work.ts'
import type { CallOptions, Store } from '../core/store.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { BufferPool } from './buffers.ts'
import { defaultPartSize, partCount, partSizeFor, partsOf } from './parts.ts'

export interface DigestContext extends CallOptions {
  readonly buffers: BufferPool
  /** Told how many bytes have been read of what is read in order, from its beginning each time. */
  readonly onProgress?: ((done: number) => void) | undefined
}

const pieceSize = 1024 * 1024

/** Reads the object as it was seen. @throws precondition-failed when it changes meanwhile */
export async function crc64nvmeOf(
  store: Store,
  seen: SeenObject,
  context: DigestContext,
): Promise<bigint> {
  let joined = 0n
  await readInOrder(store, seen, context, (bytes, crc) => {
    joined = combineCrc64Nvme(joined, crc(), bytes.length)
  })
  return joined
}

/** Part sizes that tools commonly use, in MiB: s5cmd 50, aws 8, rclone 5, s3cmd 15, mountpoint 8, others 16 and 64. */
const commonPartSizes = [5, 8, 15, 16, 32, 50, 64].map((mebibytes) => mebibytes * 1024 * 1024)

/** How the object may have been cut into parts, if it was: as Hawser does it, and as other tools do. */
export function partSizesOf(
  { multipart }: Store,
  { size }: Pick<SeenObject, 'size'>,
): readonly number[] {
  const own = multipart ? [partSizeFor(size, multipart.limits, defaultPartSize)] : []
  return [...own, ...commonPartSizes]
}

/**
 * Whether the object's bytes have this etag: MD5 of the whole, or S3's form for parts, MD5 of the parts' MD5s and
 * `-count`, which tells the part size only where one of the common ones gives that count.
 * @returns undefined where the etag proves nothing
 */
export async function hasEtag(
  store: Store,
  seen: SeenObject,
  etag: string,
  partSizes: readonly number[],
  context: DigestContext,
): Promise<boolean | undefined> {
  const match = /^"{0,2}([0-9a-f]{32})(?:-(\d{1,5}))?"{0,2}$/.exec(etag)
  const [, expected, count] = match ?? []
  if (expected === undefined) return undefined
  if (count === undefined)
    return (await md5OfParts(store, seen, Math.max(1, seen.size), context)).single === expected
  const fitting = partSizes.filter((size) => partCount(seen.size, size) === Number(count))
  if (fitting.length === 0) return undefined
  for (const partSize of new Set(fitting)) {
    if ((await md5OfParts(store, seen, partSize, context)).composite === expected) return true
  }
  return false
}

async function md5OfParts(
  store: Store,
  seen: SeenObject,
  partSize: number,
  context: DigestContext,
): Promise<{ single: string; composite: string }> {
  const parts = partsOf(seen.size, partSize)
  const whole = createHash('md5')
  let part: Hash = createHash('md5')
  let left = parts.next().value?.size ?? 0
  let single = ''
  const endPart = (): void => {
    const digest = part.digest()
    single = digest.toString('hex')
    whole.update(digest)
    part = createHash('md5')
    left = parts.next().value?.size ?? 0
  }
  await readInOrder(store, seen, context, (bytes) => {
    for (let rest = bytes; rest.length > 0;) {
      const piece = rest.subarray(0, left)
      part.update(piece)
      left -= piece.length
      rest = rest.subarray(piece.length)
      if (left === 0) endPart()
    }
  })
  if (seen.size === 0) endPart()
  return { single, composite: whole.digest('hex') }
}

async function readInOrder(
  store: Store,
  seen: SeenObject,
  context: DigestContext,
  take: (bytes: Uint8Array, crc: () => bigint) => void,
): Promise<void> {
  const { buffers, onProgress, signal, meter } = context
  using buffer = await buffers.acquire(Math.min(pieceSize, seen.size, buffers.largest), signal)
  for (let position = 0; position < seen.size;) {
    const target = buffer.bytes.subarray(0, Math.min(buffer.bytes.length, seen.size - position))
    const { length } = await store.readInto(seen.key, target, position, {
      ifMatch: seen.etag,
      version: seen.version,
      signal,
      meter,
    })
    if (length === 0) break
    take(target.subarray(0, length), () => buffer.crc64nvme(length))
    position += length
    onProgress?.(position)
  }
}
