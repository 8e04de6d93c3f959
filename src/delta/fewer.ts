// Fewer copies, where the best ones are more parts than the store takes: very many, apart from each other.
//
// Copies that are best at a price for each part are the best for the number of parts that they need, so the price is
// searched at which they fit. Just below it are the next best ones, which do not fit, and differ in copies that are worth
// their parts at this price exactly: of them, as many are taken as fit, from the front of the object on.
// The result may leave one or two of `maxParts` unused: it is as good as the best for two parts fewer. That holds where no
// stretch is longer than `maxPart`; a longer one has the price of one part, so that what is uploaded in one long stretch
// may take some parts from copies.
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
  let many = choose(0)
  if (many.parts <= limits.maxParts) return many.kept
  let few = choiceOf([])
  let low = 0
  let high = size
  for (let round = 0; round < rounds && few.parts < limits.maxParts; round++) {
    const price = (low + high) / 2
    const choice = choose(price)
    if (choice.parts <= limits.maxParts) {
      few = choice
      high = price
    } else {
      many = choice
      low = price
    }
  }
  return fillUp(many.kept, few.kept)

  function choose(price: number): Choice {
    return choiceOf(keepCopies(copies, size, limits.minPart, price))
  }
  function choiceOf(kept: readonly Copied[]): Choice {
    return { kept, parts: fewestParts(stretchesOf(kept, size), limits) }
  }

  /** The front of what does not fit, as much of it as does with the rest of what fits. */
  function fillUp(large: readonly Copied[], small: readonly Copied[]): readonly Copied[] {
    let best = small
    let fitting = 0
    let tooMany = large.length
    while (fitting + 1 < tooMany) {
      const count = (fitting + tooMany) >>> 1
      const joined = join(large.slice(0, count), small, limits.minPart)
      if (choiceOf(joined).parts > limits.maxParts) tooMany = count
      else {
        fitting = count
        if (bytesOf(joined) > bytesOf(best)) best = joined
      }
    }
    return best
  }
}

interface Choice {
  readonly kept: readonly Copied[]
  readonly parts: number
}

/** The front, and the copies of the other that can stand behind it. */
function join(front: Copied[], other: readonly Copied[], minPart: number): Copied[] {
  const end = front.at(-1)?.end ?? 0
  const next = other.findIndex(({ start }) => start === end || start >= end + minPart)
  return next < 0 ? front : front.concat(other.slice(next))
}

function bytesOf(kept: readonly Copied[]): number {
  return kept.reduce((sum, copy) => sum + lengthOf(copy), 0)
}
