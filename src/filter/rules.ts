// rsync's rules in their order: the first that fits decides, for each side by itself.
import { whenKnown } from './known.ts'
import { parseRule, type Rule } from './rule.ts'
import { Trail } from './trail.ts'
import type { Verdict } from './types.ts'
import { closed, open, verdictOf, type Judge } from './verdict.ts'

export interface Rules {
  /** What of the source is hidden. */
  readonly source: readonly Rule[]
  /** What of the destination is protected. The same list where no rule is for one side only. */
  readonly target: readonly Rule[]
}

/**
 * @param deleteExcluded rules that are for both sides are for the source alone
 * @throws HawserError invalid-argument
 */
export function compileRules(texts: readonly string[], deleteExcluded: boolean): Rules {
  let rules: Rule[] = []
  for (const text of texts) {
    const rule = parseRule(text)
    if (rule === 'clear') rules = []
    else rules.push(rule)
  }
  if (!deleteExcluded && rules.every((rule) => rule.ofSource && rule.ofTarget))
    return { source: rules, target: rules }
  return {
    source: rules.filter((rule) => rule.ofSource),
    target: rules.filter((rule) => rule.ofTarget && !(deleteExcluded && rule.ofSource)),
  }
}

/** For one series of names. */
export function ruleJudge(rules: Rules): Judge {
  const trail = new Trail<Verdict>((directory, above) =>
    above ? judgeIn(rules, above, directory) : open,
  )
  const judge = (name: string): Verdict | Promise<Verdict> =>
    whenKnown(trail.above(name), (above) => judgeIn(rules, above, name))
  return { judge, below: judge }
}

/** What a directory is left out with, all below it is too. */
function judgeIn(rules: Rules, above: Verdict, name: string): Verdict {
  if (above === closed) return closed
  const isDirectory = name.endsWith('/')
  const path = isDirectory ? name.slice(0, -1) : name
  const base = path.slice(path.lastIndexOf('/') + 1)
  const hidden = above.hidden || leavesOut(rules.source, path, base, isDirectory)
  if (rules.source === rules.target) return verdictOf(hidden, hidden)
  return verdictOf(hidden, above.protected || leavesOut(rules.target, path, base, isDirectory))
}

function leavesOut(
  rules: readonly Rule[],
  path: string,
  base: string,
  isDirectory: boolean,
): boolean {
  for (const rule of rules) if (rule.fits(path, base, isDirectory)) return !rule.include
  return false
}
