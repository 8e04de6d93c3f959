// The four verdicts, and what each kind of filter is asked.
import type { Verdict } from './types.ts'

const verdicts: readonly [Verdict, Verdict, Verdict, Verdict] = [
  { hidden: false, protected: false },
  { hidden: true, protected: false },
  { hidden: false, protected: true },
  { hidden: true, protected: true },
]
/** Nothing is left out. */
export const open: Verdict = verdicts[0]
/** Left alone on both sides. */
export const closed: Verdict = verdicts[3]

export function verdictOf(hidden: boolean, isProtected: boolean): Verdict {
  if (hidden) return isProtected ? closed : verdicts[1]
  return isProtected ? verdicts[2] : open
}

/** Whoever leaves something out decides. */
export function either(a: Verdict, b: Verdict): Verdict {
  if (a === b || b === open) return a
  return verdictOf(a.hidden || b.hidden, a.protected || b.protected)
}

/** One kind of filter, for one series of names. */
export interface Judge {
  judge(name: string): Verdict | Promise<Verdict>
  /** What is certain of all that lies below a directory. */
  below(directory: string): Verdict | Promise<Verdict>
}
