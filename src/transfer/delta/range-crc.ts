// The CRC64NVME of any range of a scanned source: of whole chunks as the scan has it, of pieces of chunks by reading them.
import type { SeenObject } from '../../core/work.ts'
import type { Range } from '../../core/store.ts'
import { chunkAt, type Scan } from '../../delta/chunks.ts'
import { combineCrc64Nvme } from '../../kernels/crc64nvme.ts'
import type { TransferContext } from '../context.ts'
import { evenPlan } from '../parts.ts'
import { readPlanned } from '../source.ts'

/** @throws HawserError conflict (marked by changedObject) where the source is no longer what was planned */
export async function crcOfRange(
  from: SeenObject,
  { chunks, crcs }: Scan,
  { start, end }: Range,
  context: TransferContext,
): Promise<bigint> {
  let crc = 0n
  const append = (next: bigint, length: number): void => {
    crc = combineCrc64Nvme(crc, next, length)
  }
  const { ends } = chunks
  let at = start
  for (let i = chunkAt(chunks, start); at < end; i++) {
    const chunkStart = i === 0 ? 0 : (ends[i - 1] ?? 0)
    const chunkEnd = ends[i] ?? end
    const stop = Math.min(end, chunkEnd)
    const whole = at === chunkStart && stop === chunkEnd ? crcs[i] : undefined
    if (whole === undefined) await readCrcs(from, { start: at, end: stop }, context, append)
    else append(whole, stop - at)
    at = stop
  }
  return crc
}

async function readCrcs(
  from: SeenObject,
  { start, end }: Range,
  context: TransferContext,
  append: (crc: bigint, length: number) => void,
): Promise<void> {
  for (const { offset, size } of evenPlan(end - start, context.buffers.largest).parts) {
    using buffer = await context.buffers.acquire(size, context.signal)
    await readPlanned(from, buffer.bytes, start + offset, context)
    append(buffer.crc64nvme(size), size)
  }
}
