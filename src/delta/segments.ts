// The scan of an object in segments, by several at once, that is exactly the scan of the whole.
//
// Where chunks end depends on where one began and on the bytes behind it, on nothing else. Each segment is scanned as if a
// chunk began with it, and on behind its end: in most data the cuts soon are those of the next segment too, and from there
// on the chunks of both are the same. So chunks are followed from the object's first byte through the runs, from one run
// to another that has a cut where the first one ends. Where none has (runs of equal bytes may never meet), a further
// segment is scanned from there: at worst, all of the object twice, and once more by one alone.
import { Cutter } from '../kernels/cuts.ts'
import { ChunkList, type ScannedChunks } from './chunk-list.ts'
import { digestSize, type Scan } from './chunks.ts'
import { Scanner } from './scanner.ts'

/** Bytes to be scanned as if a chunk began at `start`: to `end`, and on until the cuts meet, up to `limit`. */
export interface Segment {
  readonly start: number
  readonly end: number
  readonly limit: number
}

/** The chunks of a segment; their ends count from its start. */
export interface Run extends ScannedChunks {
  readonly start: number
}

/** Averages that a segment is scanned on for at most. Most cuts meet after two or three. */
const patience = 16

/** The scan of one segment. */
export class SegmentScanner {
  readonly #scanner: Scanner
  readonly #segment: Segment
  readonly #size: number
  /** Of the segment behind. */
  readonly #nextCutter: Cutter
  readonly #nextCuts = new Set<number>()
  #at: number
  /** Chunks that were looked at, and that are the segment's. */
  #seen = 0
  #count: number | undefined

  /** @param size of the whole object */
  constructor(average: number, segment: Segment, size: number) {
    this.#scanner = new Scanner(average)
    this.#nextCutter = new Cutter(average)
    this.#nextCuts.add(segment.end)
    this.#segment = segment
    this.#size = size
    this.#at = segment.start
  }

  /** The bytes that are wanted next: none when their start is their end. */
  get wanted(): { readonly start: number; readonly end: number } {
    const end = this.#count === undefined ? this.#segment.limit : this.#at
    return { start: this.#at, end }
  }

  /** Appends the first of the bytes wanted. They may be reused afterwards. */
  update(bytes: Uint8Array): void {
    const { end, limit } = this.#segment
    const next = bytes.subarray(Math.max(0, end - this.#at))
    const from = this.#at + bytes.length - next.length
    this.#scanner.update(bytes)
    for (const cut of this.#nextCutter.update(next)) this.#nextCuts.add(from + cut)
    this.#at += bytes.length
    if (this.#at === this.#size) this.#scanner.finish()
    this.#meet()
    if (this.#at === limit) this.#count ??= this.#scanner.chunks.count
  }

  run(): Run {
    const { chunks } = this.#scanner
    return { start: this.#segment.start, ...chunks.first(this.#count ?? chunks.count) }
  }

  #meet(): void {
    const { chunks } = this.#scanner
    while (this.#count === undefined && this.#seen < chunks.count) {
      const end = this.#segment.start + chunks.endOf(this.#seen++)
      if (this.#nextCuts.has(end)) this.#count = this.#seen
    }
  }
}

/** What is to be scanned, and the scan that comes of it. */
export class Segments {
  readonly #average: number
  readonly #size: number
  readonly #length: number
  readonly #chunks = new ChunkList()
  /** Where the next of the equal segments starts. */
  #next = 0
  /** Those behind which no run was found. */
  #further: Segment[] = []
  /** Those that are being scanned. */
  readonly #handed = new Map<number, Segment>()
  #runs: Run[] = []

  /** @param length of a segment, in bytes */
  constructor(average: number, size: number, length: number) {
    this.#average = average
    this.#size = size
    this.#length = length
  }

  /** A segment to scan. Undefined when all are in work or done: more may come after a run. */
  take(): Segment | undefined {
    const segment = this.#further.pop() ?? this.#regular()
    if (segment) this.#handed.set(segment.start, segment)
    return segment
  }

  /** What the scan of a segment gave. */
  add(run: Run): void {
    this.#handed.delete(run.start)
    this.#runs.push(run)
    while (this.#follow());
    this.#runs = this.#runs.filter((known) => endOf(known) > this.#chunks.end)
    if (!this.#mayBeFound()) this.#further.push(this.#segmentAt(this.#chunks.end))
  }

  /** Undefined until all is scanned. */
  get scan(): Scan | undefined {
    return this.#chunks.end === this.#size ? this.#chunks.scan() : undefined
  }

  #regular(): Segment | undefined {
    if (this.#next >= this.#size) return undefined
    const segment = this.#segmentAt(this.#next)
    this.#next = segment.end
    return segment
  }

  #segmentAt(start: number): Segment {
    const end = Math.min(this.#size, (Math.floor(start / this.#length) + 1) * this.#length)
    return { start, end, limit: Math.min(this.#size, end + patience * this.#average) }
  }

  /** Takes the chunks behind those known from a run that has them. */
  #follow(): boolean {
    const at = this.#chunks.end
    for (const run of this.#runs) {
      const first = chunkFrom(run, at)
      if (first === undefined) continue
      for (let index = first; index < run.chunks.count; index++) {
        const digest = run.chunks.digests.subarray(index * digestSize, (index + 1) * digestSize)
        this.#chunks.push(run.start + (run.chunks.ends[index] ?? 0), digest, run.crcs[index] ?? 0n)
      }
      return true
    }
    return false
  }

  /** Whether a segment that is not done yet may have the chunk behind those known. */
  #mayBeFound(): boolean {
    const at = this.#chunks.end
    if (at === this.#size || this.#next <= at) return true
    return [...this.#handed.values(), ...this.#further].some(
      ({ start, limit }) => start <= at && at < limit,
    )
  }
}

function endOf({ start, chunks }: Run): number {
  return start + (chunks.ends[chunks.count - 1] ?? 0)
}

/** The chunk of the run that begins at this offset of the object. */
function chunkFrom({ start, chunks }: Run, offset: number): number | undefined {
  if (offset === start) return chunks.count > 0 ? 0 : undefined
  const before = chunks.ends.indexOf(offset - start)
  return before >= 0 && before + 1 < chunks.count ? before + 1 : undefined
}
