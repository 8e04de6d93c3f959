// The CRC64NVME of an object as it was seen, read in pieces side by side: one huge object goes as fast as many.
import { crc64ToHex } from '../core/digest.ts'
import { HawserError } from '../core/errors.ts'
import type { SeenObject } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { DigestContext } from '../transfer/digest.ts'
import { partsOf } from '../transfer/parts.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import type { Side } from './evidence.ts'

/** Bytes of one piece. */
export const largestPiece: number = 8 * 1024 * 1024
const piecesAtOnce = 4

/** @returns in hexadecimal digits */
export async function crcOf(side: Side, context: DigestContext): Promise<string> {
  const { seen } = side
  const { buffers, onProgress, signal } = context
  const crcs: bigint[] = []
  let done = 0
  const pieces = partsOf(seen.size, Math.min(largestPiece, buffers.largest))
  await forEachConcurrent(pieces, piecesAtOnce, async ({ number, offset, size }) => {
    using buffer = await buffers.acquire(size, signal)
    await readPiece(side, buffer.bytes, offset, context)
    crcs[number - 1] = buffer.crc64nvme(size)
    done += size
    onProgress?.(done)
  })
  let joined = 0n
  for (const { number, size } of partsOf(seen.size, Math.min(largestPiece, buffers.largest)))
    joined = combineCrc64Nvme(joined, crcs[number - 1] ?? 0n, size)
  return crc64ToHex(joined)
}

/** Fills `target`. @throws HawserError conflict, or precondition-failed, where the object is not what was seen */
export async function readPiece(
  { store, seen }: Side,
  target: Uint8Array,
  position: number,
  { signal, meter }: DigestContext,
): Promise<void> {
  if (target.length === 0) return
  const { etag: ifMatch, version, size } = seen
  const { info, length } = await store.readInto(seen.key, target, position, {
    ifMatch,
    version,
    size,
    signal,
    meter,
  })
  // Not every service heeds the condition.
  if (length !== target.length || info.etag !== seen.etag) throw changed(seen)
}

export function changed({ location, key }: SeenObject, cause?: unknown): HawserError {
  return new HawserError('conflict', 'it changed while it was being checked', {
    op: 'check',
    location,
    key,
    hint: 'Run the check again when nothing writes to it.',
    cause,
  })
}
