// The scan of a source as it was planned, for which its bytes are read once.
import type { SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { Scanner } from '../../delta/scanner.ts'
import type { SourceContext } from '../context.ts'
import { evenPlan } from '../parts.ts'
import { readPlanned } from '../source.ts'
import { OrderedScan } from './ordered-scan.ts'
import { forEachConcurrent } from '../semaphore.ts'

/** Bytes of one read; while a piece is scanned, the next one is read. */
const pieceSize = 4 * 2 ** 20
const piecesAtOnce = 2

/** @throws HawserError conflict (marked by changedObject) where the source is no longer what was planned */
export async function scanSource(
  from: SeenObject,
  average: number,
  context: SourceContext,
  onScanned: (bytes: number) => void = () => {},
): Promise<Scan> {
  if (from.size === 0) return new Scanner(average).finish()
  const ordered = new OrderedScan(average)
  const { parts } = evenPlan(from.size, Math.min(pieceSize, context.buffers.largest))
  await forEachConcurrent(parts, piecesAtOnce, async ({ offset, size }) => {
    try {
      using buffer = await context.buffers.acquire(size, context.signal)
      await readPlanned(from, buffer.bytes, offset, context)
      await ordered.feed(offset, buffer.bytes)
      onScanned(offset + size)
    } catch (error) {
      ordered.stop()
      throw error
    }
  })
  const scan = ordered.finish(from.size)
  if (!scan) throw new Error('a piece of the scan is missing')
  return scan
}
