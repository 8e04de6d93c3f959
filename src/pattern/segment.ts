// What stands between two slashes of a pattern, as a shell reads it. A character is a code point.
import { posixClasses } from '../core/character-classes.ts'

/** `**`, a name, or what names fit. */
export type Segment =
  | { readonly kind: 'deep' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'wild'; readonly beginning: string; readonly expression: RegExp }

export function parseSegment(text: string): Segment {
  if (text === '**') return { kind: 'deep' }
  const chars = Array.from(text)
  /** What stands between one `*` and the next: expressions of a fixed length. */
  const pieces = ['']
  let name = ''
  let beginning: string | undefined
  const add = (source: string): void => void pieces.push((pieces.pop() ?? '') + source)
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    const set = char === '[' ? parseSet(chars, at + 1) : undefined
    if (char === '*' || char === '?' || set) beginning ??= name
    if (char === '*') pieces.push('')
    else if (char === '?') add('.')
    else if (set) {
      add(set.source)
      at = set.close
    } else {
      const plain = char === '\\' ? (chars[++at] ?? char) : char
      name += plain
      add(literal(plain))
    }
  }
  if (beginning === undefined) return { kind: 'name', name }
  return { kind: 'wild', beginning, expression: expressionOf(pieces) }
}

/**
 * Between stars the first fit is the only one that is tried, in a group that gives nothing back: whatever can come after
 * a later one can come after it. Time is that of the name's length times the pattern's, at most.
 */
function expressionOf(pieces: readonly string[]): RegExp {
  const [first = '', ...others] = pieces
  const last = others.pop()
  const between = others
    .filter((piece) => piece !== '')
    .map((piece, i) => `(?=(?<g${i}>.*?${piece}))\\k<g${i}>`)
  const rest = last === undefined ? '' : `${between.join('')}.*${last}`
  // No name is empty but where a key has two slashes in a row: only nothing stands for that.
  return new RegExp(`^(?=.)${first}${rest}$`, 'su')
}

function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

/** Bash has two more. */
const classes: ReadonlyMap<string, string> = new Map([
  ...posixClasses,
  ['ascii', '\\0-\\x7f'],
  ['word', '0-9A-Z_a-z'],
])

/** @returns the set, and where its `]` is; undefined where it has none, and the bracket stands for itself */
function parseSet(
  chars: readonly string[],
  start: number,
): { readonly source: string; readonly close: number } | undefined {
  const negated = chars[start] === '!' || chars[start] === '^'
  const first = negated ? start + 1 : start
  let items = ''
  for (let at = first; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === ']' && at > first) return { source: `[${negated ? '^' : ''}${items}]`, close: at }
    const named = char === '[' && chars[at + 1] === ':' ? classAt(chars, at + 2) : undefined
    if (named) {
      items += classes.get(named.name) ?? ''
      at = named.close
      continue
    }
    if (char === '\\') at++
    const from = chars[at]
    const ranged = chars[at + 1] === '-' && (chars[at + 2] ?? ']') !== ']'
    if (ranged) at += chars[at + 2] === '\\' ? 3 : 2
    const to = chars[at]
    if (from === undefined || to === undefined) return undefined
    if (codePoint(from) <= codePoint(to)) items += `${member(from)}-${member(to)}`
  }
  return undefined
}

/** The name of `[:name:]`, which begins here, and where its `]` is. */
function classAt(
  chars: readonly string[],
  start: number,
): { readonly name: string; readonly close: number } | undefined {
  const close = chars.indexOf(']', start)
  if (close <= start || chars[close - 1] !== ':') return undefined
  return { name: chars.slice(start, close - 1).join(''), close }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}

function member(char: string): string {
  return `\\u{${codePoint(char).toString(16)}}`
}
