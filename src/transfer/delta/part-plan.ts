// The parts of an object of which an older state has what did not change.
import { createHash } from 'node:crypto'
import type { SeenObject } from '../../core/work.ts'
import { isCopied, lengthOf, type Copied, type Run } from '../../delta/runs.ts'
import type { PartPlan, PlannedPart } from '../parts.ts'

/**
 * @param pieces the object, end to end
 * @param crcOf the CRC64NVME of what is copied from the base
 */
export async function partPlan(
  base: SeenObject,
  pieces: readonly Run[],
  crcOf: (piece: Copied) => Promise<bigint>,
): Promise<PartPlan> {
  const parts: PlannedPart[] = []
  for (const piece of pieces) {
    const part = { number: parts.length + 1, offset: piece.start, size: lengthOf(piece) }
    if (isCopied(piece)) {
      const range = { start: piece.from, end: piece.from + part.size }
      parts.push({ ...part, held: { from: base, range, crc64nvme: await crcOf(piece) } })
    } else parts.push(part)
  }
  const id = createHash('sha256')
    .update(JSON.stringify([base.etag, pieces]))
    .digest('hex')
  return { size: pieces.at(-1)?.end ?? 0, partSize: 0, id, parts }
}
