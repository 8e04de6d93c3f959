// From a glob to a test of names that takes no more than the square of a name's length.
import type { Gap, Piece } from './glob.ts'

const gaps: Readonly<Record<Gap, string>> = {
  none: '',
  any: '[^]*?',
  directories: '(?:[^]*?/)??',
}

/**
 * Only the first way to fit is tried of all but the last piece: it is the shortest, and what can follow another can
 * follow it. For that, a piece with directories after it has to end in a `/`, or to fit in one way only.
 */
export function expressionOf(pieces: readonly Piece[]): RegExp {
  let count = 0
  const once = (source: string): string =>
    source === '' ? '' : `(?=(?<g${++count}>${source}))\\k<g${count}>`
  const sources = pieces.map(({ gap, segments }, i) => {
    const isLast = i === pieces.length - 1
    const [first = '', ...others] = segments
    const starred = others.map((segment, k) => {
      if (k < others.length - 1) return once(`[^/]*?${segment}`)
      return isLast ? `[^/]*${segment}` : `[^/]*?${segment}`
    })
    return gaps[gap] + first + starred.join('')
  })
  const last = sources.pop() ?? ''
  return new RegExp(`^${sources.map(once).join('')}${last}$`, 'u')
}
