// MD5 of streams, several at once (see assembly/md5.ts): one alone takes as long as with OpenSSL, four together hardly
// longer than one.
import { ADDRESSES, FRONT, STATES, WASM } from './generated/md5.ts'
import { instantiate } from './instance.ts'

/** As many streams advance in step; of more, some do after others. */
export const md5Lanes = 8

export type Md5Update = readonly [stream: Md5, chunk: Uint8Array]

const BLOCK = 64
/** Bytes of a stream that are copied and read in one go. */
const PIECE = 32 * 1024
/** Of a lane: for those, behind what was left of a block. */
const ROOM = PIECE + BLOCK

/** The MD5 of bytes that come in pieces. */
export class Md5 {
  readonly #state = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
  /** Its first bytes are those behind the last whole block. */
  readonly #rest = new Uint8Array(BLOCK)
  #length = 0

  /** Appends `chunk`, which may be reused afterwards. */
  update(chunk: Uint8Array): this {
    Md5.updateAll([[this, chunk]])
    return this
  }

  /** Appends to each stream its chunk. No stream may be there twice; chunks of the same length are the fastest. */
  static updateAll(updates: readonly Md5Update[]): void {
    for (let first = 0; first < updates.length; first += md5Lanes) {
      const together = updates.slice(first, first + md5Lanes)
      const longest = Math.max(...together.map(([, chunk]) => chunk.length))
      for (let at = 0; at < longest; at += PIECE) {
        Md5.#append(together.map(([stream, chunk]) => [stream, chunk.subarray(at, at + PIECE)]))
      }
    }
  }

  /** The MD5 of all chunks so far, in hex; more may follow. */
  digest(): string {
    const zeros = BLOCK - 1 - ((this.#length + 8) % BLOCK)
    const end = Buffer.alloc(1 + zeros + 8)
    end[0] = 0x80
    end.writeBigUInt64LE(BigInt(this.#length) * 8n, 1 + zeros)
    const ended = new Md5()
    ended.#state.set(this.#state)
    ended.#rest.set(this.#rest)
    ended.#length = this.#length
    return ended.update(end).#state.toString('hex')
  }

  /** No more streams than lanes, no more bytes of each than a piece. */
  static #append(updates: readonly Md5Update[]): void {
    const { bytes } = (shared ??= start())
    const runs = updates.map(([stream, chunk], lane): Run => {
      const at = lane * ROOM
      const kept = stream.#length % BLOCK
      bytes.set(stream.#rest.subarray(0, kept), at)
      bytes.set(chunk, at + kept)
      stream.#length += chunk.length
      return { state: stream.#state, rest: stream.#rest, at, end: at + kept + chunk.length }
    })
    for (;;) {
      const ready = runs.filter((run) => blocksOf(run) > 0)
      if (ready.length === 0) break
      advance(shared, ready, Math.min(...ready.map(blocksOf)))
    }
    for (const { rest, at, end } of runs) rest.set(bytes.subarray(at, end))
  }
}

/** A stream's bytes in the kernel's memory, `at` to `end`. */
interface Run {
  readonly state: Uint8Array
  readonly rest: Uint8Array
  at: number
  readonly end: number
}

function blocksOf({ at, end }: Run): number {
  return Math.floor((end - at) / BLOCK)
}

/** All by as many blocks. */
function advance({ states, addresses, kernel }: Lanes, runs: readonly Run[], blocks: number): void {
  for (let lane = 0; lane < md5Lanes; lane++) {
    const run = runs[lane]
    if (run) states.set(run.state, lane * 16)
    addresses.setUint32(lane * 4, FRONT + (run?.at ?? 0), true)
  }
  if (runs.length > 4) kernel.eight(blocks)
  else if (runs.length > 1) kernel.four(blocks)
  else kernel.one(blocks)
  for (const [lane, run] of runs.entries()) {
    run.state.set(states.subarray(lane * 16, lane * 16 + 16))
    run.at += blocks * BLOCK
  }
}

interface Kernel {
  one(blocks: number): void
  four(blocks: number): void
  eight(blocks: number): void
}

interface Lanes {
  /** A room for each lane. */
  readonly bytes: Uint8Array
  readonly states: Uint8Array
  readonly addresses: DataView
  readonly kernel: Kernel
}

/** Every call leaves it free, so one does for all streams. */
let shared: Lanes | undefined

function start(): Lanes {
  const module = new WebAssembly.Module(Buffer.from(WASM, 'base64'))
  const { bytes, kernel } = instantiate<Kernel>(module, FRONT, md5Lanes * ROOM)
  const states = new Uint8Array(bytes.buffer, STATES, md5Lanes * 16)
  return { bytes, states, addresses: new DataView(bytes.buffer, ADDRESSES), kernel }
}
