// Rules and names as people give them: files of rules, `--exclude` and `--include`, files of names.
import { HawserError, isHawserError } from '../core/errors.ts'
import { compareKeys } from '../core/key.ts'
import { parseRule } from './rule.ts'

/** What `--exclude` says: a pattern, or a rule that begins with `+ ` or `- `; `!` takes back all before it. */
export function excludeRule(value: string): string {
  return isRule(value) ? value : `- ${value}`
}

/** What `--include` says: a pattern, or a rule that begins with `+ ` or `- `; `!` takes back all before it. */
export function includeRule(value: string): string {
  return isRule(value) ? value : `+ ${value}`
}

function isRule(value: string): boolean {
  return value === '!' || value.startsWith('+ ') || value.startsWith('- ')
}

/**
 * The rules of a file, one a line; lines that are empty, or begin with `#` or `;`, say nothing.
 * @param file its name, for errors
 * @throws HawserError invalid-argument for what is not a rule
 */
export function rulesOfFile(text: string, file: string): string[] {
  return linesOf(
    text,
    /\r\n|[\r\n]/,
    (line) => {
      parseRule(line)
      return line
    },
    file,
  )
}

export interface NamesFile {
  /** For errors. */
  readonly file: string
  /** Names end at NUL bytes, not at lines. */
  readonly from0?: boolean | undefined
}

/**
 * The names of a file, one a line, in the order of compareKeys, each once. Those that begin with `#` or `;` say
 * nothing, also between NUL bytes: `./#a` is the name `#a`.
 * @throws HawserError invalid-argument for a name that leaves the source, or is all of it
 */
export function namesOfFile(text: string, { file, from0 = false }: NamesFile): string[] {
  const names = linesOf(text, from0 ? '\0' : /\r\n|[\r\n]/, nameOf, file)
  return [...new Set(names)].toSorted(compareKeys)
}

function nameOf(line: string): string {
  const name = line.replace(/^(?:\.?\/)+/, '')
  if (name.split('/').includes('..'))
    throw wrong(
      `a name goes out of the source: ${JSON.stringify(line)}`,
      'Names are relative to the source, without "..".',
    )
  if (name === '' || name === '.')
    throw wrong(
      `a name means the whole source: ${JSON.stringify(line)}`,
      'Leave the file of names out to mean it.',
    )
  return name
}

function linesOf(
  text: string,
  end: string | RegExp,
  read: (line: string) => string,
  file: string,
): string[] {
  const lines = text.replace(/^\ufeff/, '').split(end)
  return lines.flatMap((line, i) => {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return []
    try {
      return [read(line)]
    } catch (error) {
      if (!isHawserError(error)) throw error
      throw wrong(
        `${file}, ${end === '\0' ? 'name' : 'line'} ${i + 1}: ${error.message}`,
        error.hint,
      )
    }
  })
}

function wrong(message: string, hint: string | undefined): HawserError {
  return new HawserError('invalid-argument', message, { op: 'filter', hint })
}
