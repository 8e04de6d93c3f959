// A stream cut into buffers as it comes, until it ends or the signal does.
import { abortError, checkSignal } from '../core/signal.ts'
import type { BufferPool, TransferBuffer } from './buffers.ts'

export interface Filled {
  readonly buffer: TransferBuffer
  readonly length: number
}

/** The buffers of one stream: those that a failure leaves unsent are given back in the end. */
export class BorrowedBuffers implements Disposable {
  readonly #pool: BufferPool
  readonly #buffers = new Set<TransferBuffer>()

  constructor(pool: BufferPool) {
    this.#pool = pool
  }

  async acquire(size: number, signal: AbortSignal | undefined): Promise<TransferBuffer> {
    const buffer = await this.#pool.acquire(size, signal)
    const borrowed: TransferBuffer = {
      bytes: buffer.bytes,
      crc64nvme: (length) => buffer.crc64nvme(length),
      [Symbol.dispose]: () => {
        this.#buffers.delete(borrowed)
        buffer[Symbol.dispose]()
      },
    }
    this.#buffers.add(borrowed)
    return borrowed
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) buffer[Symbol.dispose]()
  }
}

/** Cuts the stream into buffers that are full, but the last. */
export async function* filledBuffers(
  input: AsyncIterable<Uint8Array>,
  buffers: BorrowedBuffers,
  partSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Filled, undefined> {
  let buffer: TransferBuffer | undefined
  let length = 0
  for await (const chunk of untilAborted(input, signal)) {
    for (let rest = chunk; rest.length > 0;) {
      buffer ??= await buffers.acquire(partSize, signal)
      const piece = rest.subarray(0, partSize - length)
      buffer.bytes.set(piece, length)
      length += piece.length
      rest = rest.subarray(piece.length)
      if (length === partSize) {
        yield { buffer, length }
        buffer = undefined
        length = 0
      }
    }
  }
  if (buffer) yield { buffer, length }
  return undefined
}

/** The stream, which the signal ends also while nothing comes from it. */
export async function* untilAborted<T>(
  input: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const details = { op: 'read' }
  const iterator = input[Symbol.asyncIterator]()
  let stop: (reason: unknown) => void = nobody
  const onAbort = (): void => {
    if (signal) stop(abortError(signal, details))
  }
  const pull = (): Promise<IteratorResult<T, unknown>> =>
    new Promise((resolve, reject) => {
      stop = reject
      iterator.next().then(resolve, reject)
    })
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      checkSignal(signal, details)
      const next = await pull()
      if (next.done) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    const closing = iterator.return?.()
    // An input that nothing comes from need not come to its end either.
    if (signal?.aborted) closing?.catch(() => {})
    else await closing
  }
}

function nobody(): void {}
