// What the tests of patterns share: patterns as they are written, and random ones for random trees.
import * as fc from 'fast-check'
import { expandBraces } from '../../src/pattern/braces.ts'
import { splitGlob } from '../../src/pattern/glob.ts'
import type { Pattern } from '../../src/pattern/pattern.ts'

/** A pattern that begins at the top. */
export function glob(text: string): Pattern {
  const { base, pattern } = splitGlob(text)
  if (!pattern || base !== '') throw new Error(`${text} is no pattern from the top on`)
  return pattern
}

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'ab', '.a', 'a b', 'é', '-') },
  { weight: 1, arbitrary: fc.constantFrom('*', '[a]', '{a,b}', 'a\\', '!', '\n', '😀', 'B', ']') },
)

/** Names of files: none is the directory of another. */
export const tree: fc.Arbitrary<string[]> = fc
  .uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    { maxLength: 12 },
  )
  .map((names) => names.filter((name) => !names.some((other) => other.startsWith(`${name}/`))))

const piece = fc.constantFrom(
  'a',
  'b',
  'a',
  '*',
  '*',
  '**',
  '?',
  '.a',
  '-',
  'é',
  ' ',
  ',',
  '!',
  '[a-b]',
  '[!a]',
  '[^.]',
  '[]a]',
  '[[:upper:]]',
  '[\\]]',
  '[b',
  '[!',
  ']',
  '[a\\-b]',
  '[-a]',
  '{a,b}',
  '{a,*}',
  '{,a}',
  '{*,b/a}',
  '{a',
  '}',
  '{a}',
  '{{a,b},?}',
  '{**/a,b}',
  '{a,b',
  '\\*',
  '\\a',
  '\\[',
  '\\{',
  '\\,',
  '\\\\',
)
const segment = fc.oneof(
  { weight: 1, arbitrary: fc.constant('**') },
  { weight: 4, arbitrary: fc.array(piece, { minLength: 1, maxLength: 4 }).map((p) => p.join('')) },
)

/**
 * With a wildcard or braces. None is of an absolute path, which bash would look through, or has `//`, which is one slash to
 * it, or `.` or `..`.
 */
export const globText: fc.Arbitrary<string> = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([segments, directory]) => segments.join('/') + (directory ? '/' : ''))
  .filter((text) => /[*?[{]/.test(text))
  .filter((text) => expandBraces(text).every((one) => !/^\/|\/\//.test(one)))
