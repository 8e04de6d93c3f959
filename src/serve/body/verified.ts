// Bytes that are judged while they pass: collected, digested, and the last of them held back until all is well.
import { S3Error } from '../errors.ts'
import { computedChecksum } from './claims.ts'
import { beginDigests } from './digest-thread.ts'
import { computeOnce, type Computed } from './digests.ts'
import type { ChecksumAlgorithm, Digests, IncomingBody } from './types.ts'

export interface Unverified {
  readonly size: number
  /** What the body's checksum is of. */
  readonly algorithm: ChecksumAlgorithm
  /** To compute beside MD5 and CRC64NVME. */
  readonly algorithms: ReadonlySet<ChecksumAlgorithm>
  /** Its bytes are not touched after more were asked for. Left early without waiting for what was asked for. */
  source(): AsyncIterable<Uint8Array>
  /** Called when the source has ended, with as many bytes as it should have. Throws what is wrong. */
  judge(computed: Computed): void
}

/**
 * Each becomes one write. A body holds three at most, and one while its client is silent. One that fits into a piece is
 * digested in this thread: another one could only begin when all of it has come.
 */
const pieceSize = 512 * 1024
/** Buffers kept for the next body. */
const kept = 8
const idle: SharedBuffer[] = []

type SharedBuffer = Uint8Array<SharedArrayBuffer>

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
  const bytes = Buffer.allocUnsafe(body.size)
  let length = 0
  for await (const chunk of body.source()) {
    if (length + chunk.length > body.size) throw new S3Error('IncompleteBody')
    bytes.set(chunk, length)
    length += chunk.length
  }
  if (length < body.size) throw new S3Error('IncompleteBody')
  await accept(computeOnce(bytes, body.algorithms))
  return bytes
}

async function* whole(body: Unverified, accept: Accept): AsyncGenerator<Uint8Array> {
  const bytes = await collect(body, accept)
  if (bytes.length > 0) yield bytes
}

/** While one piece is with the caller, the next one is filled, and it and the one before may still be in digestion. */
async function* pieces(body: Unverified, accept: Accept): AsyncGenerator<Uint8Array> {
  const remote = beginDigests([...body.algorithms])
  const collector = new Collector(body)
  const given: { readonly buffer: SharedBuffer; readonly digested: Promise<unknown> }[] = []
  let judged = false
  try {
    for (let ahead = collector.next(); !judged;) {
      const { buffer, length, last } = await ahead
      if (given.length === 2) {
        const [oldest] = given.splice(0, 1)
        await oldest?.digested
        release(oldest?.buffer)
      }
      const bytes = buffer.subarray(0, length)
      given.push({ buffer, digested: quiet(remote.update(bytes)) })
      if (last) {
        await accept(await remote.digest())
        judged = true
      } else {
        ahead = quiet(collector.next())
      }
      yield bytes
    }
    for (const { buffer } of given) release(buffer)
  } finally {
    // Buffers that may still be read or filled are left to the garbage collector.
    if (!judged) {
      remote.forget()
      collector.leave()
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
  readonly #size: number
  readonly #source: AsyncIterator<Uint8Array>
  #length = 0
  #rest: Uint8Array = new Uint8Array()

  constructor(body: Unverified) {
    this.#size = body.size
    this.#source = body.source()[Symbol.asyncIterator]()
  }

  async next(): Promise<Piece> {
    let buffer: SharedBuffer | undefined
    let filled = 0
    for (;;) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next()
        if (done === true) {
          if (this.#length < this.#size || buffer === undefined) throw new S3Error('IncompleteBody')
          return { buffer, length: filled, last: true }
        }
        this.#rest = value
        this.#length += value.length
        if (this.#length > this.#size) throw new S3Error('IncompleteBody')
      }
      buffer ??= idle.pop() ?? new Uint8Array(new SharedArrayBuffer(pieceSize))
      const taken = this.#rest.subarray(0, buffer.length - filled)
      buffer.set(taken, filled)
      filled += taken.length
      this.#rest = this.#rest.subarray(taken.length)
      const more = this.#length < this.#size || this.#rest.length > 0
      if (filled === buffer.length && more) return { buffer, length: filled, last: false }
    }
  }

  /** What it waits for may come late, or never. */
  leave(): void {
    void quiet(Promise.resolve(this.#source.return?.()))
  }
}

/** The promise, whose failure is seen where it is awaited, if it ever is. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function release(buffer: SharedBuffer | undefined): void {
  if (buffer !== undefined && idle.length < kept) idle.push(buffer)
}

function digestsOf(computed: Computed, algorithm: ChecksumAlgorithm): Digests {
  const { md5, crc64nvme } = computed
  return { md5, crc64nvme, checksum: { algorithm, value: computedChecksum(computed, algorithm) } }
}
