// Content-defined cuts: where chunks end, as a function of the bytes alone (see assembly/cuts.ts).
// A chunk ends at the first place that suits its length so far: nowhere below a quarter of the average, at few places up
// to the average, at sixteen times as many behind it, and at four times the average wherever that is.
import { isAverage } from './averages.ts'
import { WASM } from './generated/cuts.ts'
import { instantiate, memoryOf, PIECE, type Instance } from './instance.ts'

/** What decides about a place: the bytes before it, as many. */
const WINDOW = 64
/** Of random places, one in 2^10 is a candidate. */
const CANDIDATES = 10

/** The cuts of bytes that come in pieces. */
export class Cutter {
  readonly #min: number
  readonly #average: number
  readonly #max: number
  /** Zero bits that the hash of a candidate must begin with, in a chunk below the average and in others. */
  readonly #strict: number
  readonly #loose: number
  /** The last bytes so far. */
  readonly #before = new Uint8Array(WINDOW)
  /** Of the chunk that has not ended. */
  #length = 0

  /** @throws {RangeError} unless the average is a power of two from 64 KiB to 64 MiB */
  constructor(average: number) {
    const exponent = Math.log2(average)
    if (!isAverage(average)) {
      throw new RangeError(`${average} is not an average size of chunks`)
    }
    this.#min = average / 4
    this.#average = average
    this.#max = average * 4
    this.#strict = exponent + 2 - CANDIDATES
    this.#loose = exponent - 2 - CANDIDATES
  }

  /**
   * The offsets in `piece` at which chunks end, behind 0 and up to its length. It may be reused afterwards.
   * Pieces of a KernelBuffer are read in place; others are copied, 256 KiB at a time.
   */
  update(piece: Uint8Array): number[] {
    const cuts: number[] = []
    for (let at = 0; at < piece.length;) {
      const { until, bits } = this.#stage()
      const end = Math.min(piece.length, at + until - this.#length)
      const cut = bits === undefined ? undefined : this.#find(piece, at, end, bits)
      this.#length += (cut ?? end) - at
      at = cut ?? end
      if (cut === undefined && this.#length < this.#max) continue
      cuts.push(at)
      this.#length = 0
    }
    this.#remember(piece)
    return cuts
  }

  /** What holds for the next places, up to and with those at which the chunk has length `until`. */
  #stage(): { readonly until: number; readonly bits: number | undefined } {
    const length = this.#length + 1
    if (length < this.#min) return { until: this.#min - 1, bits: undefined }
    if (length < this.#average) return { until: this.#average - 1, bits: this.#strict }
    return { until: this.#max, bits: this.#loose }
  }

  /** The first suitable place behind `from`, up to `end`. */
  #find(piece: Uint8Array, from: number, end: number, bits: number): number | undefined {
    if (from >= WINDOW) return find(piece, from, end, bits)
    const seam = new Uint8Array(2 * WINDOW)
    const seamEnd = Math.min(end, WINDOW)
    seam.set(this.#before)
    seam.set(piece.subarray(0, seamEnd), WINDOW)
    const cut = find(seam, WINDOW + from, WINDOW + seamEnd, bits)
    if (cut !== undefined) return cut - WINDOW
    return seamEnd === end ? undefined : find(piece, seamEnd, end, bits)
  }

  #remember(piece: Uint8Array): void {
    const last = piece.subarray(-WINDOW)
    this.#before.copyWithin(0, last.length)
    this.#before.set(last, WINDOW - last.length)
  }
}

/** What the assembly exports. Addresses arrive here as signed. */
interface Kernel {
  find(from: number, end: number, bits: number): number
}

/** The kernels that read a buffer's bytes in place. */
const owners = new WeakMap<ArrayBufferLike, Kernel>()

let compiled: WebAssembly.Module | undefined
/** The instance for bytes from elsewhere. Every call leaves it free, so one does for all streams. */
let common: Instance<Kernel> | undefined

/** The window before `from` must be there. */
function find(bytes: Uint8Array, from: number, end: number, bits: number): number | undefined {
  compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'))
  const owner = ownerOf(compiled, bytes.buffer)
  if (owner) {
    const base = bytes.byteOffset
    const place = owner.find(base + from, base + end, bits) >>> 0
    return place === 0 ? undefined : place - base
  }
  const { bytes: room, kernel } = (common ??= instantiate(compiled, 0, WINDOW + PIECE))
  for (let at = from; at < end; at += PIECE) {
    const pieceEnd = Math.min(end, at + PIECE)
    room.set(bytes.subarray(at - WINDOW, pieceEnd))
    const place = kernel.find(WINDOW, WINDOW + pieceEnd - at, bits)
    if (place !== 0) return at + place - WINDOW
  }
  return undefined
}

function ownerOf(module: WebAssembly.Module, bytes: ArrayBufferLike): Kernel | undefined {
  const owner = owners.get(bytes)
  if (owner) return owner
  const memory = memoryOf(bytes)
  if (!memory) return undefined
  const { exports } = new WebAssembly.Instance<Kernel>(module, { env: { memory } })
  owners.set(bytes, exports)
  return exports
}
