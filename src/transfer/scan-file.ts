// The scan of a file on this machine: by several threads, each of which reads segments of its own.
import type { BigIntStats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { HawserError } from '../core/errors.ts'
import { abortError, checkSignal } from '../core/signal.ts'
import type { Scan } from '../delta/chunks.ts'
import { Scanner, scanStep } from '../delta/scanner.ts'
import { Segments } from '../delta/segments.ts'
import { Blake3 } from '../kernels/blake3.ts'
import { kernelBuffer } from '../kernels/crc64nvme.ts'
import type { ScanAssignment, ScanReply } from './scan-worker.ts'

export interface ScanFileOptions {
  /** Of the sizes of chunks: a power of two from 64 KiB to 64 MiB. */
  readonly average: number
  /** At most; the scan does not depend on it. */
  readonly threads?: number | undefined
  /** Bytes that a thread scans at a time. Files that are not longer are scanned without threads. */
  readonly segment?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Two scan 2 GB/s and more, as fast as most disks, in less than 100 MB; each one more takes 16 MB. */
const mostThreads = 2

/**
 * The scan of the file as it was all the time.
 * @throws HawserError conflict when the file changed meanwhile; the system's own errors where it cannot be read
 */
export async function scanFile(path: string, options: ScanFileOptions): Promise<Scan> {
  await using file = await open(path)
  const before = await file.stat({ bigint: true })
  const scan = await scanOpen(file, Number(before.size), options)
  if (scan === undefined || !isSame(before, await stat(path, { bigint: true }))) {
    throw new HawserError('conflict', 'the file changed while it was being read', {
      op: 'scan',
      hint: 'Run the command again when nothing writes to it.',
    })
  }
  return scan
}

/** Undefined when the file ended before its size. */
function scanOpen(
  file: FileHandle,
  size: number,
  options: ScanFileOptions,
): Promise<Scan | undefined> {
  const { average, signal, threads = Math.min(mostThreads, availableParallelism()) } = options
  const segment = options.segment ?? Math.max(2 ** 26, 16 * average)
  const useful = Math.min(threads, Math.ceil(size / segment))
  if (useful <= 1) return scanHere(file, size, average, signal)
  const segments = new Segments(average, size, segment)
  return scanInThreads(segments, { fd: file.fd, size, average }, useful, signal)
}

async function scanHere(
  file: FileHandle,
  size: number,
  average: number,
  signal: AbortSignal | undefined,
): Promise<Scan | undefined> {
  const scanner = new Scanner(average)
  const { bytes } = kernelBuffer(Math.min(size, scanStep))
  for (let at = 0; at < size;) {
    checkSignal(signal, { op: 'scan' })
    const { bytesRead } = await file.read(bytes, 0, Math.min(bytes.length, size - at), at)
    if (bytesRead === 0) return undefined
    scanner.update(bytes.subarray(0, bytesRead))
    at += bytesRead
  }
  return scanner.finish()
}

/** All threads have ended when it resolves or rejects: none reads from what may be another file's descriptor then. */
async function scanInThreads(
  segments: Segments,
  assignment: ScanAssignment,
  threads: number,
  signal: AbortSignal | undefined,
): Promise<Scan | undefined> {
  checkSignal(signal, { op: 'scan' })
  new Blake3().digest() // where there is none, the error is ours, not a thread's
  const { promise, resolve, reject } = Promise.withResolvers<Scan | undefined>()
  const workers = Array.from({ length: threads }, () => startWorker(assignment))
  const abort = (): void => {
    if (signal) reject(abortError(signal, { op: 'scan' }))
  }
  signal?.addEventListener('abort', abort)
  const idle = new Set(workers)
  const assign = (): void => {
    for (const worker of idle) {
      const segment = segments.take()
      if (segment === undefined) return
      idle.delete(worker)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      worker.postMessage(segment)
    }
  }
  for (const worker of workers) {
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('a thread that scans a file ended before its time')))
    worker.on('message', (run: ScanReply) => {
      if (run === undefined) return resolve(undefined)
      segments.add(run)
      const { scan } = segments
      if (scan) return resolve(scan)
      idle.add(worker)
      return assign()
    })
  }
  assign()
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function startWorker(assignment: ScanAssignment): Worker {
  // The bundler puts the worker beside every other file of the package.
  const own = import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.mjs'
  return new Worker(new URL(own, import.meta.url), {
    name: 'scan',
    workerData: assignment,
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
    execArgv: [], // the program's own may not fit a file: --input-type
  })
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  const facts = ['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const
  return facts.every((fact) => before[fact] === after[fact])
}
