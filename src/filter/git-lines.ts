// What the lines of a `.gitignore` say.
import { expressionOf } from './expression.ts'
import { parseGlob } from './glob.ts'

export interface GitLine {
  /** What fits is in again: the line begins with `!`. */
  readonly negated: boolean
  /** @param name relative to the file's directory; a directory's ends in `/` */
  fits(name: string): boolean
}

/** Those that say something. To git, one whose brackets are not closed does not. */
export function parseGitLines(text: string): GitLine[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line) => parseLine(line.replace(/\r$/, '')) ?? [])
}

function parseLine(line: string): GitLine | undefined {
  if (line.startsWith('#')) return undefined
  const negated = line.startsWith('!')
  const pattern = withoutTrailingSpaces(line.slice(negated ? 1 : 0))
  const directory = pattern.endsWith('/')
  const path = directory ? pattern.slice(0, -1) : pattern
  // A slash before the end ties a pattern to its directory.
  const tied = path.includes('/')
  const glob = parseGlob(path.replace(/^\//, ''), 'git')
  if (path === '' || !glob) return undefined
  const expression = expressionOf(glob.pieces)
  return {
    negated,
    fits(name) {
      const isDirectory = name.endsWith('/')
      if (directory && !isDirectory) return false
      const end = isDirectory ? name.length - 1 : name.length
      return expression.test(name.slice(tied ? 0 : name.lastIndexOf('/', end - 1) + 1, end))
    },
  }
}

/** Those that have no backslash before them; the last of a run may have one. */
function withoutTrailingSpaces(pattern: string): string {
  const end = /(?:^|[^ ])( +)$/.exec(pattern)
  if (!end) return pattern
  const kept = pattern.slice(0, pattern.length - (end[1]?.length ?? 0))
  const backslashes = /\\*$/.exec(kept)?.[0].length ?? 0
  return backslashes % 2 === 1 ? `${kept} ` : kept
}
