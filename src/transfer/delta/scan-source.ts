// The scan of a source as it was planned, for which its bytes are read once.
import { isHawserError } from '../../core/errors.ts'
import type { SeenObject } from '../../core/work.ts'
import type { Scan } from '../../delta/chunks.ts'
import { Scanner } from '../../delta/scanner.ts'
import type { SourceContext } from '../context.ts'
import { evenPlan } from '../parts.ts'
import { forEachConcurrent } from '../semaphore.ts'
import { asSourceRead, readPlanned } from '../source.ts'
import { OrderedScan } from './ordered-scan.ts'
import { scanFile } from './scan-file.ts'
import { scanThreads, type ScanThreads } from './scan-threads.ts'

/** Bytes of one read; while a piece is scanned, the next one is read. */
const pieceSize = 4 * 2 ** 20
const piecesAtOnce = 2

/** Bytes; for less, threads take longer to start than they save. */
const worthThreads = 256 * 2 ** 20

type OnScanned = (bytes: number) => void

/** @throws HawserError conflict (marked by changedObject) where the source is no longer what was planned */
export async function scanSource(
  from: SeenObject,
  average: number,
  context: SourceContext,
  onScanned: OnScanned = () => {},
  threads: ScanThreads = scanThreads,
): Promise<Scan> {
  const scan = await scanByThreads(from, average, context, onScanned, threads)
  return scan ?? scanInOrder(from, average, context, onScanned)
}

/** Undefined where it is no big file of this machine, or there are no threads. */
async function scanByThreads(
  from: SeenObject,
  average: number,
  context: SourceContext,
  onScanned: OnScanned,
  threads: ScanThreads,
): Promise<Scan | undefined> {
  const { signal, source } = context
  const { withFile } = source
  const { key, size, etag: ifMatch } = from
  if (!withFile || ifMatch === undefined || size < worthThreads || threads.count < 2)
    return undefined
  const options = { average, signal, onScanned, threads }
  try {
    return await asSourceRead(from, () =>
      withFile(key, (file) => scanFile(file, options), { ifMatch, signal }),
    )
  } catch (error) {
    if (isHawserError(error) && error.code === 'unsupported') return undefined
    throw error
  }
}

async function scanInOrder(
  from: SeenObject,
  average: number,
  context: SourceContext,
  onScanned: OnScanned,
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
