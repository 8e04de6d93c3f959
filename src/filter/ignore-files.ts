// Files of patterns for the whole tree: in Docker's form where they are called so, else in git's.
import { DockerIgnored, none } from './docker-ignored.ts'
import { GitIgnored } from './git-ignored.ts'
import { parseGitLines } from './git-lines.ts'
import { whenKnown } from './known.ts'
import { Trail } from './trail.ts'
import type { IgnoreFile, Verdict } from './types.ts'
import { open, type Judge } from './verdict.ts'

/**
 * For one series of names each.
 * @param leftOut the verdict on what is left out
 * @throws HawserError invalid-argument for a pattern that is not valid
 */
export function ignoreFileJudges(files: readonly IgnoreFile[], leftOut: Verdict): (() => Judge)[] {
  const docker = files.filter(isDocker).map(({ text, name }) => new DockerIgnored(text, name))
  const lines = files.filter((file) => !isDocker(file)).flatMap(({ text }) => parseGitLines(text))
  const judges = docker.map((patterns) => () => dockerJudge(patterns, leftOut))
  if (lines.length === 0) return judges
  const git = new GitIgnored(lines, '')
  return [...judges, () => gitJudge(git, leftOut)]
}

function isDocker({ name }: IgnoreFile): boolean {
  return name.endsWith('.dockerignore')
}

function gitJudge(lines: GitIgnored, leftOut: Verdict): Judge {
  const judgeIn = (above: Verdict, name: string): Verdict =>
    above !== open || lines.ignores(name) ? leftOut : open
  const trail = new Trail<Verdict>((directory, above) => (above ? judgeIn(above, directory) : open))
  const judge = (name: string): Verdict | Promise<Verdict> =>
    whenKnown(trail.above(name), (above) => judgeIn(above, name))
  return { judge, below: judge }
}

/** Here a directory that is left out says nothing of what is in it, but which of the patterns fit above it. */
function dockerJudge(patterns: DockerIgnored, leftOut: Verdict): Judge {
  const trail = new Trail<number>((directory, above = none) =>
    patterns.lastThatFits(directory, above),
  )
  const judge = (name: string): Verdict | Promise<Verdict> =>
    whenKnown(trail.above(name), (above) =>
      patterns.leavesOut(patterns.lastThatFits(name, above)) ? leftOut : open,
    )
  return { judge, below: patterns.hasExceptions ? () => open : judge }
}
