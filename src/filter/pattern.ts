// rsync's patterns: each is compiled once, into a test of names that takes no more than the square of a name's length.
import { literal, parseGlob, type Glob } from './glob.ts'

/**
 * Whether a pattern fits.
 * @param path without the `/` at the end of a directory's name
 * @param base the path's last part
 */
export type PatternTest = (path: string, base: string, isDirectory: boolean) => boolean

export function compilePattern(text: string): PatternTest {
  if (text.length < 2 || !text.endsWith('/')) return anyKind(text)
  const fits = anyKind(text.slice(0, -1))
  return (path, base, isDirectory) => isDirectory && fits(path, base, isDirectory)
}

function anyKind(pattern: string): PatternTest {
  return /[*?[]/.test(pattern) ? wild(pattern) : exact(pattern)
}

/** Without wildcards a backslash is a character like others. */
function exact(pattern: string): PatternTest {
  if (!pattern.includes('/')) return (_, base) => base === pattern
  if (pattern.startsWith('/')) {
    const path = pattern.slice(1)
    return (name) => name === path
  }
  const tail = `/${pattern}`
  return (path) => path === pattern || path.endsWith(tail)
}

/** The conditions are those of rsync's `rule_matches`; as there, they look at the text, where `**` may be escaped. */
function wild(pattern: string): PatternTest {
  const anchored = pattern.startsWith('/')
  const hasSlash = pattern.includes('/')
  const deep = pattern.includes('**')
  const glob = parseGlob(anchored ? pattern.slice(1) : pattern)
  if (!glob) return never
  if (!hasSlash && !deep) {
    const inBase = regExpOf(glob, false)
    return (_, base) => inBase.test(base)
  }
  // rsync counts every slash to find how many parts of a path to look at, and one in brackets fits nothing.
  if (!anchored && !deep && glob.slashInClass) return never
  const inPath = regExpOf(glob, !anchored)
  if (!(deep && pattern.endsWith('***'))) return (path) => inPath.test(path)
  return (path, _, isDirectory) => inPath.test(isDirectory ? `${path}/` : path)
}

const never: PatternTest = () => false

/** @param tail whether the text may begin after any slash, too */
function regExpOf(glob: Glob, tail: boolean): RegExp {
  const { groups, tail: afterSlash } = tail ? tailOf(glob.groups) : { groups: glob.groups, tail }
  const begin = afterSlash ? '(?:[^]*?/)??' : ''
  let count = 0
  // Only the first way to fit is tried. It is the shortest, and what can follow another can follow it.
  const once = (source: string): string => `(?=(?<g${++count}>${source}))\\k<g${count}>`
  const pieces = groups.map((segments, i) => {
    const final = i === groups.length - 1
    const [first = '', ...others] = segments
    const gaps = others.map((segment, k) => {
      if (k < others.length - 1) return once(`[^/]*?${segment}`)
      return final ? `[^/]*${segment}` : `[^/]*?${segment}`
    })
    return (i === 0 ? begin : '[^]*?') + first + gaps.join('')
  })
  const last = pieces.pop() ?? ''
  const before = pieces.map((piece) => (piece === '' ? '' : once(piece))).join('')
  return new RegExp(`^${before}${last}$`, 'u')
}

// A `**/` at the beginning fits nothing at all as well: what follows it may begin wherever a part of a path does.
function tailOf(groups: Glob['groups']): { groups: Glob['groups']; tail: boolean } {
  const [first, second, ...others] = groups
  if (first?.length !== 1 || first[0] !== '' || !second) return { groups, tail: true }
  const slash = literal('/')
  const [begin = '', ...rest] = second
  return begin.startsWith(slash)
    ? { groups: [[begin.slice(slash.length), ...rest], ...others], tail: true }
    : { groups, tail: false }
}
