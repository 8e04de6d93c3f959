// `--regex`: an expression that whole names have to fit.
import { HawserError } from '../core/errors.ts'
import type { Pattern } from './pattern.ts'

/**
 * Names are matched as they are: a `.` is any character, `/` and line breaks too.
 * @throws HawserError invalid-argument for what is no regular expression
 */
export function regexPattern(text: string): Pattern {
  const expression = compile(text)
  const matches = (name: string): boolean => name !== '' && expression.test(name)
  return {
    text,
    hint: 'The expression has to fit the whole name below the address: .* stands for what is around a part of it.',
    matches,
    covers: matches,
    mayMatchBelow: () => true,
    needsAllBelow: () => true,
    beginnings: () => [''],
  }
}

function compile(text: string): RegExp {
  try {
    // By itself first: a bracket too many must not be closed by those around it.
    return new RegExp(`^(?:${new RegExp(text, 'su').source})$`, 'su')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new HawserError('invalid-argument', `not a regular expression: ${text}`, {
      op: 'pattern',
      hint: `${error.message.replace(/^.*: /s, '')}. For a shell's pattern leave --regex out.`,
      cause: error,
    })
  }
}
