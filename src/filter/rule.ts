// One of rsync's filter rules: `- *.o`, `protect /state/`, `!`.
import { HawserError } from '../core/errors.ts'
import { compilePattern, type PatternTest } from './pattern.ts'

export interface Rule {
  /** What fits stays in; else it is left out. */
  readonly include: boolean
  /** It says what of the source is hidden. */
  readonly ofSource: boolean
  /** It says what of the destination is protected. */
  readonly ofTarget: boolean
  readonly fits: PatternTest
}

type Kind = Pick<Rule, 'include' | 'ofSource' | 'ofTarget'>

const include: Kind = { include: true, ofSource: true, ofTarget: true }
const exclude: Kind = { include: false, ofSource: true, ofTarget: true }
const show: Kind = { include: true, ofSource: true, ofTarget: false }
const hide: Kind = { include: false, ofSource: true, ofTarget: false }
const risk: Kind = { include: true, ofSource: false, ofTarget: true }
const protect: Kind = { include: false, ofSource: false, ofTarget: true }

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['+', include],
  ['-', exclude],
  ['S', show],
  ['H', hide],
  ['R', risk],
  ['P', protect],
  ...Object.entries({ include, exclude, show, hide, risk, protect }),
])

/**
 * @returns `clear` for what takes back all rules before it
 * @throws HawserError invalid-argument
 */
export function parseRule(text: string): Rule | 'clear' {
  if (text === '!' || text === 'clear') return 'clear'
  const [, word = '', pattern = ''] = /^([-+A-Z]|[a-z-]+),?[ _](.*)$/s.exec(text) ?? []
  const kind = kinds.get(word)
  if (kind && pattern !== '') return { ...kind, fits: compilePattern(pattern) }
  throw new HawserError('invalid-argument', `${reason(text, pattern)}: ${JSON.stringify(text)}`, {
    op: 'filter',
    hint: accepted,
  })
}

const accepted =
  'A rule is one of + - P R H S (or include, exclude, protect, risk, hide, show), a space and a pattern, or ! (or clear) alone.'

function reason(text: string, pattern: string): string {
  if (/^([.:]|(dir-)?merge\b)/.test(text)) return 'rules of other files cannot be merged in'
  if (/^(!|clear\b)/.test(text)) return 'this rule takes no pattern'
  const [, word = '', modifiers = ''] = /^([-+A-Z]|[a-z]+)(,?[^ _,]+)?(?:[ _]|$)/s.exec(text) ?? []
  if (!kinds.has(word)) return 'not a filter rule'
  if (modifiers !== '') return 'rules with modifiers are not known'
  return pattern === '' ? 'this rule has no pattern' : 'not a filter rule'
}
