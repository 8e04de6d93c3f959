// Reads what was written, and compares it with what was to be written.
import { HawserError, isHawserError } from '../core/errors.ts'
import type { ObjectInfo } from '../core/store.ts'
import type { ObjectRef, SeenObject } from '../core/work.ts'
import { combineCrc64Nvme } from '../kernels/crc64nvme.ts'
import type { TransferContext } from './context.ts'
import { evenPlan } from './parts.ts'
import { forEachConcurrent } from './semaphore.ts'

/** Pieces of one object that are read side by side; the lanes and the memory bound those of all together. */
const piecesAtOnce = 16

type ReadBackContext = Pick<TransferContext, 'target' | 'buffers' | 'lanes' | 'signal' | 'meter'>

/**
 * @param expected the CRC64NVME of what was to be written
 * @throws HawserError integrity (see isDamaged); precondition-failed where something else is there by now
 */
export async function readBack(
  written: SeenObject,
  expected: bigint,
  context: ReadBackContext,
): Promise<void> {
  if ((await crcThere(written, context)) !== expected) throw damagedAt(written)
}

async function crcThere(written: SeenObject, context: ReadBackContext): Promise<bigint> {
  const { target, buffers, lanes, signal, meter } = context
  const { key, size, etag: ifMatch, version } = written
  if (size === 0) {
    check(written, await target.stat(key, { signal, meter }))
    return 0n
  }
  const { parts } = evenPlan(size, buffers.largest)
  const crcs: bigint[] = []
  await forEachConcurrent(parts, piecesAtOnce, async (piece) => {
    await lanes.acquire(1, signal)
    try {
      using buffer = await buffers.acquire(piece.size, signal)
      const call = { ifMatch, version, size, signal, meter }
      const { info, length } = await asRead(written, () =>
        target.readInto(key, buffer.bytes, piece.offset, call),
      )
      check(written, info)
      if (length !== piece.size) throw damagedAt(written)
      crcs[piece.number - 1] = buffer.crc64nvme(length)
    } finally {
      lanes.release()
    }
  })
  return parts.reduce((crc, part, i) => combineCrc64Nvme(crc, crcs[i] ?? 0n, part.size), 0n)
}

/** What the store itself finds to be wrong, or shorter than it was, is no less wrong. */
async function asRead<T>(written: SeenObject, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const isWrong = isHawserError(error) && (error.code === 'integrity' || error.code === 'range')
    throw isWrong ? damagedAt(written, error) : error
  }
}

/** Not every service heeds the condition. */
function check(written: SeenObject, { etag, size }: ObjectInfo): void {
  if (etag !== written.etag)
    throw new HawserError('precondition-failed', 'another program replaced what was written', {
      op: 'verify',
      location: written.location,
      key: written.key,
    })
  if (size !== written.size) throw damagedAt(written)
}

const damaged = new WeakSet<object>()

/** Whether the failure is that other bytes were read back than were sent. */
export function isDamaged(error: unknown): boolean {
  return typeof error === 'object' && error !== null && damaged.has(error)
}

function damagedAt({ location, key }: ObjectRef, cause?: unknown): HawserError {
  const failure = new HawserError('integrity', 'other bytes were read back than were sent', {
    op: 'verify',
    location,
    key,
    cause,
  })
  damaged.add(failure)
  return failure
}

/** What was written, as it is to be found at the key. */
export function seenAs(info: ObjectInfo, { location, key }: ObjectRef): SeenObject {
  const { kind, size, etag, version, modified } = info
  return { location, key, kind, size, etag, version, modified }
}
