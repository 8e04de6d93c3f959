// Which of the possible copies are kept, and how they are trimmed, so that the least bytes are uploaded.
//
// Kept copies and what is between them are stretches: each is at least `minPart` long, but the one that ends the object.
// Where the bytes between two kept copies are too few, copied bytes are uploaded with them: first from the end of the
// earlier copy, as far as it stays long enough, for that costs nothing later, then from the start of the next.
//
// Copies that follow closely are kept in walks. A walk begins with a copy that is whole at its start, so that of all that
// is before it one number matters, its value; it ends where the next copy is whole at its start again, because enough
// could be trimmed before it, or because a copy was left out and there is enough to upload. Within a walk all but the
// last copy have their least length, so that walks that reach the same copy stay apart by the same bytes as long as they
// last: they stand in one queue, and all of them go on by changing what is added to each. This makes the search linear.
import type { Copied } from './runs.ts'

/** A copy that may be kept, and the least length at which it is. */
interface Candidate extends Copied {
  readonly least: number
}

/**
 * The trimmed copies with which copied bytes, less `price` for each stretch, are the most.
 * @param copies in the order of the object, apart from or next to each other
 */
export function keepCopies(
  copies: readonly Copied[],
  size: number,
  minPart: number,
  price: number,
): Copied[] {
  // In front stands an empty copy, which costs nothing: the start of the object.
  const all: Candidate[] = [{ start: 0, end: 0, from: 0, least: 0 }]
  for (const { start, end, from } of copies) {
    const least = end === size ? 1 : minPart
    if (end - start >= least) all.push({ start, end, from, least })
  }
  return rebuild(all, search(all, size, minPart, price), minPart)
}

/** The copies `from` to `to`, kept, the first of them whole at its start. */
interface Walk {
  readonly from: number
  readonly to: number
  readonly before: Walk | undefined
}

/** A walk, or none, and its value: the bytes copied with it and all before it, less the price of the stretches. */
interface Choice {
  readonly value: number
  readonly walk: Walk | undefined
}
const none: Choice = { value: Number.NEGATIVE_INFINITY, walk: undefined }

/** The last of the best walks. */
function search(
  all: readonly Candidate[],
  size: number,
  minPart: number,
  price: number,
): Walk | undefined {
  const queue = new WalkQueue()
  /** For each copy, the best with it as the last one kept, whole at its end. */
  const left: Choice[] = []
  /** The best of those which end at least `minPart` before the copy. */
  let far = none
  let passed = 0
  let near: Choice = { value: 0, walk: undefined }
  let best = none
  for (const [k, copy] of all.entries()) {
    for (let done = all[passed]; done && done.end + minPart <= copy.start; done = all[++passed])
      far = better(far, left[passed] ?? none)
    queue.begin(k, better(near, plus(far, -2 * price)))
    const length = copy.end - copy.start
    const last = plus(queue.best(k), length)
    left.push(last)
    best = better(best, plus(last, copy.end < size ? -price : 0))

    const next = all[k + 1]
    const gap = next ? next.start - copy.end : minPart
    near = gap === 0 ? plus(last, -price) : none
    if (!next || gap === 0 || gap >= minPart) queue.clear()
    else {
      const need = minPart - gap
      near = plus(queue.takeUpTo(length - copy.least - need, k), length - need - 2 * price)
      queue.advance(need - (length - copy.least), copy.least - 2 * price)
      queue.dropAbove(next.end - next.start - next.least)
    }
  }
  return best.walk
}

function better(some: Choice, other: Choice): Choice {
  return other.value > some.value ? other : some
}
function plus({ value, walk }: Choice, more: number): Choice {
  return { value: value + more, walk }
}

interface Queued {
  readonly trimmed: number
  readonly value: number
  readonly from: number
  readonly before: Walk | undefined
}

/**
 * The walks that have come to a copy, each with the bytes that it trims from its start, and its value so far, less these.
 * A walk that trims more but is not worth more than another is never better: the other can go on in the same way. Such
 * walks are left out, so values rise with the trimmed bytes.
 */
class WalkQueue {
  /** The most trimmed in front: new ones trim nothing, and come behind all others. */
  #walks: Queued[] = []
  #front = 0
  /** What is added to those of each walk. */
  #moreTrimmed = 0
  #moreValue = 0

  begin(from: number, { value, walk }: Choice): void {
    if (value === Number.NEGATIVE_INFINITY) return
    for (
      let last = this.#last();
      last && last.value + this.#moreValue <= value;
      last = this.#last()
    )
      this.#walks.pop()
    this.#walks.push({
      trimmed: -this.#moreTrimmed,
      value: value - this.#moreValue,
      from,
      before: walk,
    })
  }

  /** The best that has come to copy `to`. */
  best(to: number): Choice {
    const walk = this.#walks[this.#front]
    return walk ? this.#choice(walk, to) : none
  }

  /** Takes out all that are trimmed by no more than that; the best of them. */
  takeUpTo(trimmed: number, to: number): Choice {
    let taken = none
    for (
      let last = this.#last();
      last && last.trimmed + this.#moreTrimmed <= trimmed;
      last = this.#last()
    ) {
      taken = this.#choice(last, to)
      this.#walks.pop()
    }
    return taken
  }

  /** To the next copy: there, each is trimmed by so much more, and has copied so many bytes more. */
  advance(trimmed: number, copied: number): void {
    this.#moreTrimmed += trimmed
    this.#moreValue += copied - trimmed
  }

  /** Takes out all that are trimmed by more than that. */
  dropAbove(trimmed: number): void {
    for (;;) {
      const first = this.#walks[this.#front]
      if (!first || first.trimmed + this.#moreTrimmed <= trimmed) return
      this.#front++
    }
  }

  clear(): void {
    this.#walks = []
    this.#front = 0
    this.#moreTrimmed = 0
    this.#moreValue = 0
  }

  #last(): Queued | undefined {
    return this.#walks.length > this.#front ? this.#walks.at(-1) : undefined
  }

  #choice({ value, from, before }: Queued, to: number): Choice {
    return { value: value + this.#moreValue, walk: { from, to, before } }
  }
}

/** The copies of the walks, trimmed. */
function rebuild(all: readonly Candidate[], last: Walk | undefined, minPart: number): Copied[] {
  const walks: Walk[] = []
  for (let walk = last; walk; walk = walk.before) walks.push(walk)
  const kept: Copied[] = []
  for (let walk = walks.pop(); walk; walk = walks.pop()) {
    const next = walks.at(-1)
    let trimmed = 0
    for (let i = walk.from; i <= walk.to; i++) {
      const copy = all[i]
      if (!copy) break
      const later = i < walk.to ? all[i + 1] : next && all[next.from]
      const { right, left } = trim(copy, trimmed, later, minPart)
      const { start, end, from } = copy
      kept.push({ start: start + trimmed, end: end - right, from: from + trimmed })
      trimmed = left
    }
  }
  // Without the empty one in front.
  return kept.slice(1)
}

/** What is trimmed between two kept copies: from the end of one, and the start of the next. */
function trim(
  copy: Candidate,
  trimmed: number,
  later: Candidate | undefined,
  minPart: number,
): { readonly right: number; readonly left: number } {
  const gap = later ? later.start - copy.end : 0
  if (gap === 0 || gap >= minPart) return { right: 0, left: 0 }
  const slack = copy.end - copy.start - trimmed - copy.least
  const right = Math.min(minPart - gap, slack)
  return { right, left: minPart - gap - right }
}
