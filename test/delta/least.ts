// The least bytes that must be uploaded, by trying each part at each byte: what the planner must find.
import type { PartLimits } from '../../src/core/store.ts'
import type { Run } from '../../src/delta/runs.ts'

/** For each number of parts up to `maxParts`, the least that is uploaded with no more than so many. */
export function leastUploads(
  runs: readonly Run[],
  { minPart, maxPart, maxParts }: PartLimits,
): number[] {
  const size = runs.at(-1)?.end ?? 0
  const runAt = runs.flatMap((run) => Array.from({ length: run.end - run.start }, () => run))
  const unknown = Array.from({ length: size + 1 }, () => Number.POSITIVE_INFINITY)
  /** For each byte, the least before it with `count` parts. */
  let least = unknown.with(0, 0)
  const results = [valueAt(least, size)]
  for (let count = 1; count <= maxParts; count++) {
    const next = unknown.slice()
    for (const [start, run] of runAt.entries()) {
      for (let end = start + 1; end <= Math.min(size, start + maxPart); end++) {
        if (end < size && end - start < minPart) continue
        const uploaded = run.from !== undefined && end <= run.end ? 0 : end - start
        next[end] = Math.min(valueAt(next, end), valueAt(least, start) + uploaded)
      }
    }
    least = next
    results.push(Math.min(valueAt(results, count - 1), valueAt(least, size)))
  }
  return results
}

/** The same where all parts but the last have one size. */
export function leastEqualUploads(
  runs: readonly Run[],
  { minPart, maxPart, maxParts }: PartLimits,
): number {
  const size = runs.at(-1)?.end ?? 0
  let least = Number.POSITIVE_INFINITY
  for (let part = Math.max(minPart, Math.ceil(size / maxParts)); part <= maxPart; part++) {
    let uploaded = 0
    for (let start = 0; start < size; start += part) {
      const end = Math.min(size, start + part)
      const copied = runs.some(
        (run) => run.from !== undefined && run.start <= start && run.end >= end,
      )
      if (!copied) uploaded += end - start
    }
    least = Math.min(least, uploaded)
  }
  return least
}

function valueAt(values: readonly number[], index: number): number {
  return values[index] ?? Number.POSITIVE_INFINITY
}
