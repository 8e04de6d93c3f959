// The lines of a `.gitignore` as lines of the root's: so that one list decides, as git's does, where the last that
// fits wins and files of deeper directories come later.

/** @param directory where the file is; ends in `/`, or is empty for the root */
export function gitLines(text: string, directory: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line) => lineBelow(line, directory))
}

function lineBelow(line: string, directory: string): string[] {
  if (line.startsWith('#')) return []
  const not = line.startsWith('!') ? '!' : ''
  const pattern = withoutTrailingSpaces(line.slice(not.length))
  if (/^\/*$/.test(pattern)) return []
  // A slash before the end ties a pattern to its directory.
  const tied = pattern.slice(0, -1).includes('/')
  const at = `/${escaped(directory)}${tied ? '' : '**/'}`
  return [not + at + pattern.replace(/^\//, '')]
}

/** Those that have no backslash before them; the last of a run may have one. */
function withoutTrailingSpaces(pattern: string): string {
  const end = /(?:^|[^ ])( +)$/.exec(pattern)
  if (!end) return pattern
  const kept = pattern.slice(0, pattern.length - (end[1]?.length ?? 0))
  const backslashes = /\\*$/.exec(kept)?.[0].length ?? 0
  return backslashes % 2 === 1 ? `${kept} ` : kept
}

function escaped(directory: string): string {
  return directory.replace(/[\\*?[\]]/g, '\\$&')
}
