// rsync's patterns, each compiled once.
import { HawserError } from '../core/errors.ts'
import { expressionOf } from './expression.ts'
import { parseGlob, type Piece } from './glob.ts'

/**
 * Whether a pattern fits.
 * @param path without the `/` at the end of a directory's name
 * @param base the path's last part
 */
export type PatternTest = (path: string, base: string, isDirectory: boolean) => boolean

/** @throws HawserError invalid-argument for what can fit nothing, which rsync would take */
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
  const glob = parseGlob(anchored ? pattern.slice(1) : pattern, 'rsync')
  if (!glob)
    throw fitsNothing(
      pattern,
      'A bracket is not closed, or its class not known, or nothing follows a backslash.',
    )
  if (!hasSlash && !deep) {
    const inBase = expressionOf(glob.pieces)
    return (_, base) => inBase.test(base)
  }
  // rsync counts every slash to find how many parts of a path to look at, and one in brackets is none of them.
  if (!anchored && !deep && glob.slashInClass)
    throw fitsNothing(pattern, 'A slash in brackets stands for none.')
  const inPath = expressionOf(anchored ? glob.pieces : tailOf(glob.pieces))
  if (!(deep && pattern.endsWith('***'))) return (path) => inPath.test(path)
  return (path, _, isDirectory) => inPath.test(isDirectory ? `${path}/` : path)
}

function fitsNothing(pattern: string, reason: string): HawserError {
  return new HawserError(
    'invalid-argument',
    `a pattern that fits nothing: ${JSON.stringify(pattern)}`,
    {
      op: 'filter',
      hint: `${reason} A backslash before a character makes it stand for itself: \\[.`,
    },
  )
}

// The same for any end of a path that begins where a part of it does. A `**/` at the beginning fits nothing at all as
// well: what follows it may begin there, too.
function tailOf(pieces: readonly Piece[]): readonly Piece[] {
  const [first, second, ...others] = pieces
  if (!first) return pieces
  const { segments } = first
  if (segments.length > 1 || segments[0] !== '' || !second)
    return [{ gap: 'directories', segments }, ...pieces.slice(1)]
  const [begin = '', ...rest] = second.segments
  if (!begin.startsWith('/')) return pieces
  return [{ gap: 'directories', segments: [begin.slice(1), ...rest] }, ...others]
}
