// The grammar of wildcards that rsync and git share, as parts of regular expressions with the flag `u`: a character is a
// code point.
import { posixClasses } from '../core/character-classes.ts'

/** What `**` stands for: to rsync any characters, wherever it is; to git directories, where nothing else is beside it. */
export type Dialect = 'rsync' | 'git'

/** What may stand in front of a piece: nothing, any characters, or any that end in a `/`. */
export type Gap = 'none' | 'any' | 'directories'

/** What stands between one `**` and the next. */
export interface Piece {
  readonly gap: Gap
  /** What stands between one `*` and the next: of a fixed length. */
  readonly segments: readonly string[]
}

export interface Glob {
  readonly pieces: readonly Piece[]
  /** A `/` stands in brackets. */
  readonly slashInClass: boolean
}

/** Undefined where it can fit nothing: a bracket that is not closed, an unknown class, a backslash at the end. */
export function parseGlob(text: string, dialect: Dialect): Glob | undefined {
  const chars = Array.from(text)
  const pieces: Piece[] = []
  let gap: Gap = 'none'
  let segments: string[] = []
  let segment = ''
  let slashInClass = false
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*') {
      const start = at
      while (chars[at + 1] === '*') at++
      segments.push(segment)
      segment = ''
      const next = gapOf(chars, start, at, dialect)
      if (next === 'none') continue
      if (next === 'directories') at++
      pieces.push({ gap, segments })
      gap = next
      segments = []
    } else if (char === '?') {
      segment += '[^/]'
    } else if (char === '\\') {
      const escaped = chars[++at]
      if (escaped === undefined) return undefined
      segment += literal(escaped)
    } else if (char === '[') {
      const found = parseClass(chars, at + 1)
      if (!found) return undefined
      segment += found.source
      slashInClass ||= chars.slice(at, found.end).includes('/')
      at = found.end
    } else {
      segment += literal(char)
    }
  }
  return { pieces: [...pieces, { gap, segments: [...segments, segment] }], slashInClass }
}

/** Of stars in a row: `none` for what is no `**`. The one of directories includes the `/` after it. */
function gapOf(chars: readonly string[], first: number, last: number, dialect: Dialect): Gap {
  if (first === last) return 'none'
  if (dialect === 'rsync') return 'any'
  if ((chars[first - 1] ?? '/') !== '/') return 'none'
  const next = chars[last + 1]
  if (next === '/') return 'directories'
  return next === undefined ? 'any' : 'none'
}

function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(char) ? `\\${char}` : char
}

/** @returns the class, and where its `]` is; undefined where it can fit nothing */
function parseClass(
  chars: readonly string[],
  start: number,
): { readonly source: string; readonly end: number } | undefined {
  let at = start
  const negated = chars[at] === '!' || chars[at] === '^'
  if (negated) at++
  let items = ''
  /** What a `-` makes a range from. */
  let previous: string | undefined
  // The first one is a member whatever it is, a `]` too.
  do {
    const char = chars[at]
    if (char === undefined) return undefined
    if (char === '-' && previous !== undefined && (chars[at + 1] ?? ']') !== ']') {
      if (chars[++at] === '\\') at++
      const to = chars[at]
      if (to === undefined) return undefined
      if (codePoint(previous) <= codePoint(to)) items += `${member(previous)}-${member(to)}`
      previous = undefined
    } else if (char === '[' && chars[at + 1] === ':') {
      const end = chars.indexOf(']', at + 2)
      if (end === -1) return undefined
      if (end > at + 2 && chars[end - 1] === ':') {
        const named = posixClasses.get(chars.slice(at + 2, end - 1).join(''))
        if (named === undefined) return undefined
        items += named
        previous = undefined
        at = end
      } else {
        items += member(char)
        previous = char
      }
    } else {
      const plain = char === '\\' ? chars[++at] : char
      if (plain === undefined) return undefined
      items += member(plain)
      previous = plain
    }
    at++
  } while (chars[at] !== ']')
  return { source: negated ? `[^/${items}]` : `(?!/)[${items}]`, end: at }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}

function member(char: string): string {
  return `\\u{${codePoint(char).toString(16)}}`
}
