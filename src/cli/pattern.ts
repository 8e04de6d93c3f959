// Operands that may be patterns: the options about them, and what they mean once they are opened.
import { flag, type OptionSpec, text } from '../config/option.ts'
import { asTree, type Place } from '../core/place.ts'
import { splitAddress, type PatternOptions } from '../pattern/address.ts'
import { someMatching } from '../pattern/list.ts'
import type { Pattern } from '../pattern/pattern.ts'
import { type Context, usageError } from './command.ts'
import { oneObject } from './object.ts'

export const literalOption: OptionSpec<boolean> = flag(
  '--literal',
  'take addresses as they are: * ? [ { stand for themselves',
)
export const regexOption: OptionSpec<string | undefined> = text(
  '--regex <expression>',
  'only objects whose whole name below URL fits the regular expression',
)

/** Told in the help of each command that takes patterns. */
export const patternHelp =
  'URL may be a pattern, in quotes: * and ? are characters of one name, ** is any number of directories, and there are [a-z] and {a,b}.'

export interface Matching {
  /** What is meant; with a pattern, the tree that its names are below. */
  readonly place: Place
  readonly pattern: Pattern | undefined
}

/** @throws HawserError where the address, or the pattern, is none */
export async function openMatching(
  address: string,
  options: PatternOptions,
  { open }: Context,
  how: Parameters<Context['open']>[1] = {},
): Promise<Matching> {
  const { address: base, pattern } = splitAddress(address, options)
  if (!pattern) return { place: await open(base, how), pattern }
  const place = asTree(await open(base, { ...how, asEntry: false }))
  const { location } = place.store
  if (location.root === '')
    throw usageError(
      `a pattern needs a bucket: ${address}`,
      'See which there are with: hawser ls s3://',
    )
  return { place, pattern }
}

/** Opens the addresses of objects. What a pattern means is listed when its turn comes, and counts as several. */
export async function openObjects(
  addresses: readonly string[],
  options: PatternOptions,
  command: string,
  context: Context,
): Promise<{ readonly places: AsyncIterable<Place>; readonly several: boolean }> {
  const found = await Promise.all(
    addresses.map((address) => openMatching(address, options, context)),
  )
  for (const { place, pattern } of found)
    if (!pattern) oneObject(place.store, place.prefix, command)
  const several = found.length > 1 || found.some(({ pattern }) => pattern)
  return { places: objectsOf(found, context), several }
}

async function* objectsOf(
  found: readonly Matching[],
  { signal, meter }: Context,
): AsyncGenerator<Place> {
  for (const { place, pattern } of found) {
    const { store } = place
    if (!pattern) yield place
    else
      for await (const { key } of someMatching('list', place, pattern, { signal, meter }))
        yield { store, prefix: key }
  }
}
