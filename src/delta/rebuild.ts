// The plan of a file that is rebuilt beside an old one: pieces of whole chunks, so that each can be proven by itself.
import type { Chunks } from './chunks.ts'
import { isCopied, lengthOf, type Run, stretchesOf } from './runs.ts'

/** Of pieces, in bytes, at most; but a chunk that is longer is a piece. */
export interface PieceSizes {
  readonly fetched: number
  readonly copied: number
}

/** Bytes; to fetch them takes less time than one more request does. */
const smallGap = 128 * 1024

/**
 * The object, end to end.
 * @param runs of whole chunks, end to end
 */
export function planRebuild(runs: readonly Run[], chunks: Chunks, sizes: PieceSizes): Run[] {
  const pieces: Run[] = []
  let chunk = 0
  for (const run of joinFetched(runs)) {
    const most = isCopied(run) ? sizes.copied : sizes.fetched
    let { start } = run
    let end = start
    for (; chunk < chunks.count; chunk++) {
      const next = chunks.ends[chunk] ?? 0
      if (next > run.end) break
      if (end > start && next - start > most) {
        pieces.push(pieceOf(run, start, end))
        start = end
      }
      end = next
    }
    pieces.push(pieceOf(run, start, end))
  }
  return pieces
}

/** What is fetched on both sides of a little that need not be is fetched with it. */
function joinFetched(runs: readonly Run[]): Run[] {
  const kept = runs
    .filter((run, i) => lengthOf(run) > smallGap || !isFetched(runs[i - 1], runs[i + 1]))
    .filter(isCopied)
  return stretchesOf(kept, runs.at(-1)?.end ?? 0)
}

function isFetched(...runs: readonly (Run | undefined)[]): boolean {
  return runs.every((run) => run !== undefined && !isCopied(run))
}

function pieceOf(run: Run, start: number, end: number): Run {
  const from = isCopied(run) ? run.from + (start - run.start) : undefined
  return { start, end, from }
}
