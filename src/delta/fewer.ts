// Fewer copies, where the best ones are more parts than the store takes: very many, apart from each other.
//
// Copies that are best at a price for each part are the best for the number of parts that they need, so the price is
// searched at which they fit. Just below it are the next best ones, which do not fit, and differ in copies that are worth
// their parts at this price exactly: of them, as many are taken as fit, from the front of the object on.
// A copy comes with up to two parts, so the last may not fit: no more is uploaded than at best with one part fewer. That
// holds where no stretch is longer than `maxPart`; a longer one has the price of one part, so that what is uploaded in
// long stretches may take some parts from copies.
import { keepCopies } from './keep.ts'
import { type Copied, lengthOf, stretchesOf } from './runs.ts'
import { fewestParts, type SplitLimits } from './split.ts'

/** Halvings of the price, from that of all bytes: enough to tell any two prices that matter from each other. */
const rounds = 48

/** The copies that are kept, trimmed, so that the least bytes are uploaded in no more than `maxParts`. */
export function chooseCopies(
  copies: readonly Copied[],
  size: number,
  limits: SplitLimits,
): readonly Copied[] {
  let many = choose(copies, 0)
  if (many.parts <= limits.maxParts) return many.kept
  let few = choose([], 0)
  let low = 0
  let high = size
  for (let round = 0; round < rounds && few.parts < limits.maxParts; round++) {
    const price = (low + high) / 2
    const choice = choose(copies, price)
    if (choice.parts <= limits.maxParts) {
      few = choice
      high = price
    } else {
      many = choice
      low = price
    }
  }
  return fillUp(sourcesOf(many.kept, copies), few.kept)

  function choose(some: readonly Copied[], price: number): Choice {
    const kept = keepCopies(some, size, limits.minPart, price)
    return { kept, parts: fewestParts(stretchesOf(kept, size), limits) }
  }

  /** With the front of what does not fit, as much of it as does with the rest of what fits; trimmed anew. */
  function fillUp(large: readonly Copied[], small: readonly Copied[]): readonly Copied[] {
    const rest = sourcesOf(small, copies)
    let best = small
    let fitting = 0
    let tooMany = large.length
    while (fitting + 1 < tooMany) {
      const count = (fitting + tooMany) >>> 1
      const front = large.slice(0, count)
      const end = front.at(-1)?.end ?? 0
      const joined = choose(front.concat(rest.filter(({ start }) => start >= end)), 0)
      if (joined.parts > limits.maxParts) tooMany = count
      else {
        fitting = count
        if (bytesOf(joined.kept) > bytesOf(best)) best = joined.kept
      }
    }
    return best
  }
}

interface Choice {
  readonly kept: readonly Copied[]
  readonly parts: number
}

/** The copies as they were before they were trimmed. */
function sourcesOf(kept: readonly Copied[], copies: readonly Copied[]): Copied[] {
  let next = 0
  return copies.filter(({ end }) => {
    const found = (kept[next]?.end ?? Number.POSITIVE_INFINITY) <= end
    if (found) next++
    return found
  })
}

function bytesOf(kept: readonly Copied[]): number {
  return kept.reduce((sum, copy) => sum + lengthOf(copy), 0)
}
