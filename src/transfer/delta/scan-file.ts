// The scan of a file of this machine by several threads, each of which reads segments of its own.
import { HawserError } from '../../core/errors.ts'
import type { OpenedFile } from '../../core/store.ts'
import type { Scan } from '../../delta/chunks.ts'
import { Segments, type Segment } from '../../delta/segments.ts'
import { Blake3 } from '../../kernels/blake3.ts'
import { scanThreads, type ScanThreads } from './scan-threads.ts'

export interface FileScanOptions {
  /** Of the sizes of chunks: a power of two from 64 KiB to 64 MiB. */
  readonly average: number
  /** Bytes that a thread scans at a time. */
  readonly segment?: number | undefined
  /** Those that scan it; the scan does not depend on how many there are. */
  readonly threads?: ScanThreads | undefined
  readonly signal?: AbortSignal | undefined
  /** Told how many bytes have been scanned. */
  readonly onScanned?: ((bytes: number) => void) | undefined
}

/**
 * When it has settled, no thread reads the file any more.
 * @throws HawserError precondition-failed where the file is shorter than it was; unsupported where no thread can be
 *   started; interrupted; the system's own errors
 */
export async function scanFile(file: OpenedFile, options: FileScanOptions): Promise<Scan> {
  const { average, threads = scanThreads, segment = Math.max(2 ** 26, 16 * average) } = options
  new Blake3().digest() // where there is none, the error is ours, not a thread's
  const segments = new Segments(average, file.size, segment)
  return threads.during(() => scanSegments(file, segments, threads, options))
}

async function scanSegments(
  file: OpenedFile,
  segments: Segments,
  threads: ScanThreads,
  { average, signal, onScanned }: FileScanOptions,
): Promise<Scan> {
  const over = new AbortController()
  const ending = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  let scanned = 0
  const scanOne = async (segment: Segment): Promise<void> => {
    const run = await threads.scan({ ...file, average, segment }, ending)
    if (run === 'truncated')
      throw new HawserError('precondition-failed', 'the file got shorter', { op: 'scan' })
    segments.add(run)
    scanned = Math.min(file.size, scanned + segment.end - segment.start)
    onScanned?.(scanned)
  }
  const running = new Set<Promise<void>>()
  const assign = (): void => {
    while (running.size < threads.count) {
      const segment = segments.take()
      if (!segment) return
      const run = scanOne(segment).finally(() => running.delete(run))
      running.add(run)
    }
  }
  try {
    for (;;) {
      const { scan } = segments
      if (scan) {
        onScanned?.(file.size)
        return scan
      }
      assign()
      await Promise.race(running)
    }
  } finally {
    over.abort()
    await Promise.allSettled(running)
  }
}
