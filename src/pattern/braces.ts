// `{a,b}`: several patterns in one, as shells write them.
import { HawserError } from '../core/errors.ts'

const mostPatterns = 1000

/**
 * All that the text stands for, each once, in the order of bash. Braces without a comma, or that are not closed, stand
 * for themselves; a backslash keeps its meaning.
 * @throws HawserError invalid-argument for more than a thousand
 */
export function expandBraces(text: string): string[] {
  return [...new Set(expand(text))]
}

interface Braces {
  readonly commas: readonly number[]
  readonly close: number
}

/** Of a `{`. As in bash, a `}` before the first comma closes nothing. */
function bracesAt(text: string, open: number): Braces | undefined {
  const commas: number[] = []
  let level = 0
  for (let at = open + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '{') level++
    else if (char === '}' && level > 0) level--
    else if (char === '}' && commas.length > 0) return { commas, close: at }
    else if (char === ',' && level === 0) commas.push(at)
  }
  return undefined
}

function expand(text: string): string[] {
  let results = ['']
  let plain = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    const braces = char === '{' ? bracesAt(text, at) : undefined
    if (char === '\\') at++
    if (!braces) continue
    const before = text.slice(plain, at)
    const begins = [at, ...braces.commas]
    const ends = [...braces.commas, braces.close]
    const choices = begins.flatMap((begin, i) => expand(text.slice(begin + 1, ends[i])))
    if (results.length * choices.length > mostPatterns) throw tooMany()
    results = results.flatMap((result) => choices.map((choice) => result + before + choice))
    at = braces.close
    plain = at + 1
  }
  const rest = text.slice(plain)
  return results.map((result) => result + rest)
}

function tooMany(): HawserError {
  return new HawserError(
    'invalid-argument',
    `the braces stand for more than ${mostPatterns} patterns`,
    { op: 'pattern', hint: 'Use * or ?, or --regex, or several addresses.' },
  )
}
