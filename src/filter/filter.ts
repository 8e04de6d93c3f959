// All that a run was told to leave alone, in one: who leaves something out decides.
import { GitIgnoreFiles } from './gitignore.ts'
import { ignoreFileJudges } from './ignore-files.ts'
import { whenKnown } from './known.ts'
import { limitsOf } from './limits.ts'
import { compileRules, ruleJudge } from './rules.ts'
import type { Filter, FilterOptions, ReadText, Verdict } from './types.ts'
import { closed, either, open, verdictOf, type Judge } from './verdict.ts'

/**
 * Undefined where nothing is to be left out.
 * @param readText reads the source's files by their names, relative to its root
 * @throws HawserError invalid-argument for a rule or pattern that is not valid
 */
export function makeFilter(options: FilterOptions, readText: ReadText): Filter | undefined {
  const leftOut = verdictOf(true, !options.deleteExcluded)
  const limits = limitsOf(options)
  const kinds = kindsOf(options, readText, leftOut)
  if (kinds.length === 0 && !limits) return undefined
  const series = (): Judge => together(kinds.map((make) => make()))
  // Each goes through the names at its own pace.
  const names = series()
  const walks = { source: series(), target: series() }
  return {
    judge(name, source, target) {
      const verdict = names.judge(name)
      const entry = source ?? target
      if (!limits || !entry || !limits(entry)) return verdict
      return whenKnown(verdict, (known) => either(known, leftOut))
    },
    enters(directory, side) {
      // What the destination has is compared where it is not hidden, and removed where it is not protected.
      return whenKnown(walks[side].below(directory), (known) =>
        side === 'source' ? !known.hidden : known !== closed,
      )
    },
  }
}

function kindsOf(options: FilterOptions, readText: ReadText, leftOut: Verdict): (() => Judge)[] {
  const kinds: (() => Judge)[] = []
  const rules = compileRules(options.rules ?? [], options.deleteExcluded ?? false)
  if (rules.source.length > 0 || rules.target.length > 0) kinds.push(() => ruleJudge(rules))
  kinds.push(...ignoreFileJudges(options.ignoreFiles ?? [], leftOut))
  if (options.gitignore) {
    const files = new GitIgnoreFiles(readText, leftOut)
    kinds.push(() => files.judge())
  }
  return kinds
}

function together(judges: readonly Judge[]): Judge {
  const [only] = judges
  if (only && judges.length === 1) return only
  return {
    judge: (name) => combined(judges.map((judge) => judge.judge(name))),
    below: (directory) => combined(judges.map((judge) => judge.below(directory))),
  }
}

function combined(verdicts: readonly (Verdict | Promise<Verdict>)[]): Verdict | Promise<Verdict> {
  let known = open
  const awaited: Promise<Verdict>[] = []
  for (const verdict of verdicts)
    if (verdict instanceof Promise) awaited.push(verdict)
    else known = either(known, verdict)
  return awaited.length === 0
    ? known
    : Promise.all(awaited).then((others) => others.reduce(either, known))
}
