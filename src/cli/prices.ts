// `--prices`: what services charge, in a file of the user's.
import { type OptionSpec, text } from '../config/option.ts'
import { parsePrices, type PriceTable } from '../cost/prices.ts'
import type { Context } from './command.ts'
import { textOf } from './selection.ts'

export const pricesOption: OptionSpec<string | undefined> = text(
  '--prices <file>',
  'reckon with these prices',
)

/** Undefined where none are given. @throws HawserError for a file that cannot be read, or is no table */
export async function pricesOf(
  file: string | undefined,
  context: Pick<Context, 'input'>,
): Promise<PriceTable | undefined> {
  return file === undefined ? undefined : parsePrices(await textOf(file, context), file)
}
