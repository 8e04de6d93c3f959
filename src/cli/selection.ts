// Options for what a run concerns itself with.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { parseMoment } from '../config/moment.ts'
import {
  flag,
  list,
  type Occurrence,
  type OptionSpec,
  size,
  type SpecsOf,
  text,
  under,
  value,
} from '../config/option.ts'
import { HawserError } from '../core/errors.ts'
import { excludeRule, includeRule, namesOfFile, rulesOfFile } from '../filter/lines.ts'
import type { FilterOptions } from '../filter/types.ts'
import { type Context, usageError } from './command.ts'

export interface SelectionValues {
  /** In the order of the command line. */
  readonly rules: readonly Occurrence[]
  readonly gitignore: boolean
  readonly ignoreFile: readonly string[]
  readonly maxSize: number | undefined
  readonly minSize: number | undefined
  readonly newerThan: bigint | undefined
  readonly olderThan: bigint | undefined
}

export const selectionOptions: SpecsOf<SelectionValues> = under('Filters:', {
  rules: list(
    [
      { flags: '--include <pattern>', summary: 'take what fits, whatever later rules say' },
      { flags: '--exclude <pattern>', summary: 'leave out what fits, here and at the destination' },
      {
        flags: '--filter <rule>',
        summary: "a rule as rsync writes it: '- *.tmp', '+ keep/', 'P old/'",
      },
      {
        flags: '--filter-from <file>',
        summary: 'rules from a file, one a line ("-": standard input)',
      },
    ],
    'a pattern',
    (given) => given,
  ),
  gitignore: flag('--gitignore', 'leave out what .gitignore files say'),
  ignoreFile: list(
    [
      {
        flags: '--ignore-file <file>',
        summary: "patterns as in .gitignore, or in .dockerignore's form",
      },
    ],
    'a file',
    (given) => given.value || undefined,
  ),
  maxSize: fileSize('--max-size <size>', 'leave out what is larger'),
  minSize: fileSize('--min-size <size>', 'leave out what is smaller'),
  newerThan: moment('--newer-than <time>', 'leave out what is older: 7d, 2026-11-21'),
  olderThan: moment('--older-than <time>', 'leave out what is newer'),
})

function fileSize(flags: string, summary: string): OptionSpec<number | undefined> {
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER, accepted: 'a size, such as 100M' }
  return size(flags, summary, range)
}

function moment(flags: string, summary: string): OptionSpec<bigint | undefined> {
  const accepted = 'a time ago, such as 7d or 1h30m, or a date, such as 2026-11-21T10:00'
  return value<bigint | undefined>(flags, summary, undefined, accepted, (given) =>
    parseMoment(given, Date.now()),
  )
}

/** @throws HawserError invalid-argument for a rule that is none; local-io for a file that cannot be read */
export async function selectionOf(
  given: SelectionValues,
  context: Pick<Context, 'input'>,
): Promise<FilterOptions> {
  const rules: string[] = []
  for (const one of given.rules) rules.push(...(await rulesOf(one, context)))
  const ignoreFiles = await Promise.all(
    given.ignoreFile.map(async (file) => ({
      name: basename(file),
      text: await textOf(file, context),
    })),
  )
  const { gitignore, maxSize, minSize, newerThan, olderThan } = given
  return { rules, ignoreFiles, gitignore, maxSize, minSize, newerThan, olderThan }
}

async function rulesOf(
  { option, value: given }: Occurrence,
  context: Pick<Context, 'input'>,
): Promise<string[]> {
  switch (option) {
    case 'include':
      return [includeRule(given)]
    case 'exclude':
      return [excludeRule(given)]
    case 'filter-from':
      return rulesOfFile(await textOf(given, context), given)
    default:
      return [given]
  }
}

export interface NamesValues {
  readonly filesFrom: string | undefined
  readonly from0: boolean
  readonly ignoreMissingArgs: boolean
  readonly deleteMissingArgs: boolean
}

export const namesOptions: SpecsOf<NamesValues> = under('Filters:', {
  filesFrom: text('--files-from <file>', 'only the names in this file ("-": standard input)'),
  from0: flag('--from0', 'the names in that file end in NUL, not at lines'),
  ignoreMissingArgs: flag('--ignore-missing-args', 'a name that is not there is no failure'),
  deleteMissingArgs: flag('--delete-missing-args', 'a name that is not there is removed from DST'),
})

/** The names of `--files-from`. @throws HawserError invalid-argument, local-io */
export async function namesOf(
  { filesFrom, from0, deleteMissingArgs }: NamesValues,
  context: Pick<Context, 'input'>,
): Promise<string[] | undefined> {
  if (filesFrom === undefined && deleteMissingArgs)
    throw usageError('--delete-missing-args goes with --files-from: it is about names of the list')
  if (filesFrom === undefined && from0)
    throw usageError('--from0 goes with --files-from: it is about how that file is written')
  if (filesFrom === undefined) return undefined
  return namesOfFile(await textOf(filesFrom, context), { file: filesFrom, from0 })
}

/** Of a file that the user names, or of standard input. */
export async function textOf(file: string, { input }: Pick<Context, 'input'>): Promise<string> {
  try {
    return file === '-' ? await readAll(input()) : await readFile(file, 'utf8')
  } catch (cause) {
    throw new HawserError('local-io', `cannot read ${file}`, {
      op: 'options',
      hint: 'Check its name, and that you may read it.',
      cause,
    })
  }
}
