// Shell patterns: `*`, `**`, `?`, `[…]`, `{a,b}`, and a backslash in front of what stands for itself. Names are matched
// part by part, with all that each part may stand for at once: no pattern takes long.
import { HawserError } from '../core/errors.ts'
import { compareKeys } from '../core/key.ts'
import { expandBraces } from './braces.ts'
import type { Pattern } from './pattern.ts'
import { parseSegment, type Segment } from './segment.ts'

export interface SplitGlob {
  /** The directory in front of what has a pattern: ends in `/`, or is empty. Without a pattern, all of it. */
  readonly base: string
  /** Of names below the base. */
  readonly pattern: Pattern | undefined
}

const longest = 4096

/**
 * Splits a key or a path. One without wildcards and braces is what it is, backslashes included.
 * @throws HawserError invalid-argument for what is too long, or stands for too many
 */
export function splitGlob(text: string): SplitGlob {
  if (!hasWildcards(text)) return { base: text, pattern: undefined }
  if (text.length > longest)
    throw new HawserError(
      'invalid-argument',
      `a pattern has at most ${longest} characters, not ${text.length}`,
      { op: 'pattern', hint: 'Use several addresses, or --regex.' },
    )
  const branches = expandBraces(text).map(parseBranch)
  const [first] = branches
  if (!first) return { base: text, pattern: undefined }
  const [only] = branches.length === 1 ? [namesOf(first.segments)] : []
  if (only && only.length === first.segments.length)
    return { base: only.join('/') + (first.directory ? '/' : ''), pattern: undefined }
  const common = commonNames(branches)
  const below = branches.map(({ segments, directory }) => ({
    segments: segments.slice(common.length),
    directory,
  }))
  const base = common.map((name) => `${name}/`).join('')
  return { base, pattern: new Glob(afterSlashes(text, common.length), below) }
}

export function hasWildcards(text: string): boolean {
  return /[*?[{]/.test(text)
}

/** One of the patterns that braces stand for. */
interface Branch {
  /** Never two `**` in a row. */
  readonly segments: readonly Segment[]
  /** Only directories are meant: it ends in `/`. */
  readonly directory: boolean
}

function parseBranch(text: string): Branch {
  const parts = splitAtSlashes(text)
  const directory = parts.length > 1 && parts.at(-1) === ''
  const segments: Segment[] = []
  for (const part of directory ? parts.slice(0, -1) : parts) {
    const segment = parseSegment(part)
    if (segment.kind !== 'deep' || segments.at(-1)?.kind !== 'deep') segments.push(segment)
  }
  return { segments, directory }
}

/** A slash is one, whether or not a backslash is in front of it. */
function splitAtSlashes(text: string): string[] {
  return text.replace(/\\(.)/gs, (pair, char: string) => (char === '/' ? char : pair)).split('/')
}

/** Those that it begins with. */
function namesOf(segments: readonly Segment[]): readonly string[] {
  const names: string[] = []
  for (const segment of segments) {
    if (segment.kind !== 'name') break
    names.push(segment.name)
  }
  return names
}

/** The names of the directories that all of them begin with. */
function commonNames(branches: readonly Branch[]): readonly string[] {
  const all = branches.map(({ segments }) => namesOf(segments.slice(0, -1)))
  const [first = [], ...others] = all
  const end = first.findIndex((name, i) => others.some((names) => names[i] !== name))
  return end === -1 ? first : first.slice(0, end)
}

/** What is written after so many slashes. With braces around them, all of it. */
function afterSlashes(text: string, count: number): string {
  const parts = splitAtSlashes(text)
  const before = parts.slice(0, count).join('/')
  return /[{]/.test(before) ? text : parts.slice(count).join('/')
}

/** Where in a branch a name may have come to: positions of its segments, ascending. */
interface Reached {
  readonly branch: Branch
  readonly positions: readonly number[]
}

class Glob implements Pattern {
  readonly text: string
  readonly hint =
    'Where * ? [ and { are characters of the name itself, add --literal or write a backslash before each.'
  readonly #start: readonly Reached[]

  constructor(text: string, branches: readonly Branch[]) {
    this.text = text
    this.#start = branches.map((branch) => {
      const positions: number[] = []
      reach(positions, branch.segments, 0)
      return { branch, positions }
    })
  }

  matches(name: string): boolean {
    return name !== '' && this.#after(name).some((reached) => isEnd(reached, name.endsWith('/')))
  }

  covers(name: string): boolean {
    const parts = partsOf(name)
    let reached = this.#start
    for (const [i, part] of parts.entries()) {
      reached = step(reached, part)
      const directory = i < parts.length - 1 || name.endsWith('/')
      if (reached.some((one) => isEnd(one, directory))) return true
    }
    return false
  }

  mayMatchBelow(directory: string): boolean {
    return this.#after(directory).some(({ branch, positions }) =>
      positions.some((position) => position < branch.segments.length),
    )
  }

  needsAllBelow(directory: string): boolean {
    return this.#after(directory).some(({ branch, positions }) =>
      positions.some((position) => branch.segments[position]?.kind === 'deep'),
    )
  }

  beginnings(directory: string): readonly string[] {
    const found = this.#after(directory).flatMap(({ branch, positions }) =>
      positions.flatMap((position) => beginningOf(branch, position)),
    )
    const sorted = found.toSorted(compareKeys)
    const disjoint: string[] = []
    for (const beginning of sorted) {
      const last = disjoint.at(-1)
      if (last === undefined || !beginning.startsWith(last)) disjoint.push(beginning)
    }
    return disjoint
  }

  #after(name: string): readonly Reached[] {
    let reached = this.#start
    for (const part of partsOf(name)) {
      reached = step(reached, part)
      if (reached.length === 0) break
    }
    return reached
  }
}

function partsOf(name: string): string[] {
  if (name === '') return []
  return (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
}

function step(all: readonly Reached[], part: string): readonly Reached[] {
  return all.flatMap(({ branch, positions }) => {
    const next: number[] = []
    for (const position of positions) {
      const segment = branch.segments[position]
      if (segment?.kind === 'deep') {
        reach(next, branch.segments, position)
        if (position === branch.segments.length - 1) next.push(position + 1)
      } else if (segment && fits(segment, part)) reach(next, branch.segments, position + 1)
    }
    return next.length === 0 ? [] : [{ branch, positions: next }]
  })
}

/**
 * Notes a position, and the one after it where `**` stands for nothing: not at the end, where it stands for what is below
 * a directory. Those up to the last are noted already.
 */
function reach(positions: number[], segments: readonly Segment[], position: number): void {
  const last = positions.at(-1) ?? -1
  if (position > last) positions.push(position)
  const next = position + 1
  if (segments[position]?.kind === 'deep' && next < segments.length && next > last)
    positions.push(next)
}

function fits(segment: Exclude<Segment, { kind: 'deep' }>, part: string): boolean {
  return segment.kind === 'name' ? segment.name === part : segment.expression.test(part)
}

/** A `**` at the end takes the directory along that it is in, as in bash. */
function isEnd({ branch, positions }: Reached, directory: boolean): boolean {
  const { segments } = branch
  const last = positions.at(-1) ?? 0
  if (!directory) return last === segments.length && !branch.directory
  return last === segments.length || leadsToAll(segments, last)
}

function leadsToAll(segments: readonly Segment[], position: number): boolean {
  return position === segments.length - 1 && segments[position]?.kind === 'deep'
}

function beginningOf({ segments }: Branch, position: number): readonly string[] {
  const segment = segments[position]
  if (!segment) return []
  if (segment.kind === 'deep') return ['']
  if (segment.kind === 'wild') return [segment.beginning]
  const isWhole = position < segments.length - 1 && !leadsToAll(segments, position + 1)
  return [isWhole ? `${segment.name}/` : segment.name]
}
