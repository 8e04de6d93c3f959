// Finding the chunks of a new object in its base. What a signature says of either is not trusted: it may give useless
// runs, or slow ones by a constant, and each part is proven before the object is published.
import type { Chunks } from './chunks.ts'
import { type Identities, identify } from './identities.ts'
import type { Run } from './runs.ts'

/** How many places of a repeated chunk are looked at, on each side of the last one. */
const nearby = 4

/** The new object, end to end, in runs that are as long as they can be. */
export function matchChunks(next: Chunks, base: Chunks): Run[] {
  const ids = identify(next)
  const found = occurrences(base, ids)
  const runs: Run[] = []
  let last = -1
  for (let i = 0; i < next.count; i++) {
    const place = placeOf(i, last)
    extend(runs, {
      start: startOf(next, i),
      end: endOf(next, i),
      from: place < 0 ? undefined : startOf(base, place),
    })
    if (place >= 0) last = place
  }
  return runs

  /** Which chunk of the base stands for chunk `i`: the one behind the last if that is the same, else the longest match. */
  function placeOf(i: number, before: number): number {
    const id = at(ids.of, i)
    if (before >= 0 && before + 1 < base.count && at(found.of, before + 1) === id) return before + 1
    const first = at(found.begin, id)
    const end = at(found.begin, id + 1)
    if (first === end) return -1
    const middle = firstAbove(found.places, first, end, before)
    let best = -1
    let longest = 0
    for (let k = Math.max(first, middle - nearby); k < Math.min(end, middle + nearby); k++) {
      const place = at(found.places, k)
      const length = matchLength(i, place)
      if (length > longest) {
        longest = length
        best = place
      }
    }
    return best
  }

  function matchLength(i: number, place: number): number {
    const most = Math.min(next.count - i, base.count - place)
    let length = 1
    while (length < most && at(ids.of, i + length) === at(found.of, place + length)) length++
    return length
  }
}

/** Where the base has the chunks that the new object has. */
interface Occurrences {
  /** The number of each chunk of the base, -1 for one that is not in the new object. */
  readonly of: Int32Array
  /** Its chunks by number: those of number `n` from `begin[n]` up to `begin[n + 1]`, in order. */
  readonly places: Int32Array
  readonly begin: Int32Array
}

function occurrences(base: Chunks, ids: Identities): Occurrences {
  const of = ids.find(base)
  const begin = new Int32Array(ids.count + 1)
  for (const id of of) if (id >= 0) begin[id + 1] = at(begin, id + 1) + 1
  for (let id = 0; id < ids.count; id++) begin[id + 1] = at(begin, id + 1) + at(begin, id)
  const filled = begin.slice()
  const places = new Int32Array(at(begin, ids.count))
  for (let place = 0; place < base.count; place++) {
    const id = at(of, place)
    if (id < 0) continue
    const k = at(filled, id)
    places[k] = place
    filled[id] = k + 1
  }
  return { of, places, begin }
}

/** Appends a run, or lengthens the last one where this one goes on in the same way. */
function extend(runs: Run[], run: Run): void {
  const last = runs.at(-1)
  const continues =
    last !== undefined &&
    (last.from === undefined
      ? run.from === undefined
      : run.from === last.from + (last.end - last.start))
  if (continues) runs[runs.length - 1] = { start: last.start, end: run.end, from: last.from }
  else runs.push(run)
}

/** The first index from `low` up to `high` whose value is above `value`, in ascending values. */
function firstAbove(values: Int32Array, low: number, high: number, value: number): number {
  let from = low
  let to = high
  while (from < to) {
    const middle = (from + to) >>> 1
    if (at(values, middle) > value) to = middle
    else from = middle + 1
  }
  return from
}

function startOf({ ends }: Chunks, chunk: number): number {
  return chunk === 0 ? 0 : (ends[chunk - 1] ?? 0)
}
function endOf({ ends }: Chunks, chunk: number): number {
  return ends[chunk] ?? 0
}

/** What the index is known to hold. */
function at(values: Int32Array, index: number): number {
  return values[index] ?? 0
}
