// Bytes that are judged while they pass: collected, digested, and the last of them held back until all is well.
import { S3Error } from '../errors.ts'
import { giveBack, isRoom, pieceSize, takeBuffer, type SharedBuffer } from './buffers.ts'
import { computedChecksum } from './claims.ts'
import { beginDigests } from './digest-thread.ts'
import { computeOnce, type Computed } from './digests.ts'
import type { Source } from './source.ts'
import type { ChecksumAlgorithm, Digests, IncomingBody } from './types.ts'

export interface Unverified {
  readonly size: number
  /** What the body's checksum is of. */
  readonly algorithm: ChecksumAlgorithm
  /** To compute beside MD5 and CRC64NVME. */
  readonly algorithms: ReadonlySet<ChecksumAlgorithm>
  /** Called once. */
  source(): Source
  /** Called when the source has ended, with as many bytes as it should have. Throws what is wrong. */
  judge(computed: Computed): void
}

export function verifiedBody(body: Unverified): IncomingBody {
  let computed: Computed | undefined
  return {
    size: body.size,
    open(whenVerified) {
      const accept = async (result: Computed): Promise<void> => {
        body.judge(result)
        computed = result
        await whenVerified?.()
      }
      // What fits into a piece is digested here: another thread could only begin when all of it has come.
      return body.size <= pieceSize ? whole(body, accept) : pieces(body, accept)
    },
    digests() {
      if (computed === undefined) throw new Error('a body has no digests before its end')
      return digestsOf(computed, body.algorithm)
    },
  }
}

/** Judges what was computed of all bytes; before it has resolved, the last ones are not given away. */
type Accept = (computed: Computed) => Promise<void>

/** All bytes, judged. */
export async function readVerified(body: Unverified): Promise<Uint8Array> {
  return collect(body, async (computed) => body.judge(computed))
}

async function collect(body: Unverified, accept: Accept): Promise<Uint8Array> {
  const source = body.source()
  const bytes = source.whole() ?? (await filled(source, body.size))
  if (bytes.length !== body.size) throw new S3Error('IncompleteBody')
  await accept(computeOnce(bytes, body.algorithms))
  return bytes
}

async function filled(source: Source, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size)
  try {
    await source.fill(bytes)
    await source.end()
    return bytes
  } catch (error) {
    source.leave()
    throw error
  }
}

async function* whole(body: Unverified, accept: Accept): AsyncGenerator<Uint8Array> {
  const bytes = await collect(body, accept)
  if (bytes.length > 0) yield bytes
}

/**
 * While one piece is with the caller, the next one is filled, and the one before may still be in digestion: a body holds
 * three buffers at most, and one while its client is silent or there is no room for more.
 */
async function* pieces(body: Unverified, accept: Accept): AsyncGenerator<Uint8Array> {
  const remote = beginDigests([...body.algorithms])
  const collector = new Collector(body)
  const digesting: Promise<unknown>[] = []
  let ahead: Promise<Piece> | undefined = collector.next()
  let judged = false
  try {
    while (ahead) {
      const { buffer, length, last }: Piece = await ahead
      ahead = undefined
      const bytes = buffer.subarray(0, length)
      const digested = quiet(remote.update(bytes))
      try {
        digesting.push(digested)
        if (digesting.length === 3) await digesting.shift()
        if (last) {
          await accept(await remote.digest())
          judged = true
        } else if (isRoom()) ahead = quiet(collector.next())
        yield bytes
        if (!last && !ahead) await digested
      } finally {
        // The caller has no more to do with it, and the thread soon.
        void quiet(digested.finally(() => giveBack(buffer)))
      }
      if (!last) ahead ??= collector.next()
    }
  } finally {
    if (!judged) {
      void Promise.allSettled(digesting).then(() => remote.forget())
      void collector.leave(ahead)
    }
  }
}

interface Piece {
  readonly buffer: SharedBuffer
  readonly length: number
  readonly last: boolean
}

/** Fills buffers, and gives the last one out when the source has ended and its length was right. */
class Collector {
  readonly #source: Source
  #left: number

  constructor(body: Unverified) {
    this.#source = body.source()
    this.#left = body.size
  }

  async next(): Promise<Piece> {
    const buffer = takeBuffer()
    try {
      const length = Math.min(buffer.length, this.#left)
      this.#left -= length
      await this.#source.fill(buffer.subarray(0, length))
      const last = this.#left === 0
      if (last) await this.#source.end()
      return { buffer, length, last }
    } catch (error) {
      giveBack(buffer)
      throw error
    }
  }

  /** What it waits for may come late, or never. @param ahead The piece that was asked for, and that nobody wants */
  async leave(ahead: Promise<Piece> | undefined): Promise<void> {
    this.#source.leave()
    const piece = await ahead?.catch(() => undefined)
    if (piece) giveBack(piece.buffer)
  }
}

/** The promise, whose failure is seen where it is awaited, if it ever is. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function digestsOf(computed: Computed, algorithm: ChecksumAlgorithm): Digests {
  const { md5, crc64nvme } = computed
  return { md5, crc64nvme, checksum: { algorithm, value: computedChecksum(computed, algorithm) } }
}
