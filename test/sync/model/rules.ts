// Which names are hidden and protected, from docs/filters.md: each name by itself, each rule as a regular expression.

export interface Judged {
  readonly hidden: boolean
  readonly protected: boolean
}

/** @param name ends in `/` where it is a directory's */
export function judge(rules: readonly string[], deleteExcluded: boolean, name: string): Judged {
  const left = { hidden: false, protected: false }
  for (const one of [...directoriesAbove(name), name]) {
    left.hidden ||= isLeftOut(rules, one, (letter) => '+-HS'.includes(letter))
    left.protected ||= isLeftOut(rules, one, (letter) =>
      (deleteExcluded ? 'PR' : '+-PR').includes(letter),
    )
  }
  return left
}

export function directoriesAbove(name: string): string[] {
  const inside = name.endsWith('/') ? name.slice(0, -1) : name
  return [...inside.matchAll(/\//g)].map(({ index }) => name.slice(0, index + 1))
}

/** The first rule that fits decides; `!` forgets those before it. */
function isLeftOut(
  rules: readonly string[],
  name: string,
  counts: (letter: string) => boolean,
): boolean {
  const first = rules
    .slice(rules.lastIndexOf('!') + 1)
    .filter((rule) => counts(rule.charAt(0)))
    .find((rule) => fits(rule.slice(2), name))
  return first !== undefined && '-HP'.includes(first.charAt(0))
}

function fits(pattern: string, name: string): boolean {
  const isDirectory = name.endsWith('/')
  const path = isDirectory ? name.slice(0, -1) : name
  if (pattern.endsWith('/***')) {
    const directory = `${pattern.slice(0, -4)}/`
    return fits(directory, name) || directoriesAbove(name).some((one) => fits(directory, one))
  }
  const onlyDirectories = pattern.endsWith('/')
  if (onlyDirectories && !isDirectory) return false
  const glob = onlyDirectories ? pattern.slice(0, -1) : pattern
  if (!glob.includes('/') && !glob.includes('**'))
    return new RegExp(`^${regular(glob)}$`, 'su').test(path.slice(path.lastIndexOf('/') + 1))
  if (glob.startsWith('/')) return new RegExp(`^${regular(glob.slice(1))}$`, 'su').test(path)
  return new RegExp(`(^|/)${regular(glob)}$`, 'su').test(path)
}

/** Of `*`, `?`, `**` and plain brackets. */
function regular(glob: string): string {
  return glob.replaceAll(/^\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[.+^${}()|\\]/gu, (piece) => {
    if (piece === '**/') return '(.*/)?'
    if (piece === '**') return '.*'
    if (piece === '*') return '[^/]*'
    if (piece === '?') return '[^/]'
    return piece.startsWith('[') ? piece.replace('[!', '[^') : `\\${piece}`
  })
}
