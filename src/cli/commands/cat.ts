// `cat`: the bytes of objects, or a range of them, as a stream.
import { value } from '../../config/option.ts'
import type { CallOptions, Range, Store } from '../../core/store.ts'
import { HawserError } from '../../core/errors.ts'
import type { Place } from '../../core/place.ts'
import { compressedForm, readOriginal } from '../../transfer/compress/form.ts'
import { type Command, defineCommand } from '../command.ts'
import { originalOf } from '../original.ts'
import { literalOption, openObjects, patternHelp, regexOption } from '../pattern.ts'

/** First and last byte, both counted in; one of them may be missing, as in HTTP's Range. */
export interface WantedRange {
  readonly first: number | undefined
  readonly last: number | undefined
}

const options = {
  range: value<WantedRange | undefined>(
    '--range <first-last>',
    'only these bytes: 0-99 (the first hundred), 100- (from there on), -100 (the last hundred)',
    undefined,
    'bytes such as 0-99, 100- or -100',
    parseRange,
  ),
  regex: regexOption,
  literal: literalOption,
}

export const cat: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Writes the objects one after the other, byte for byte; of what -z compressed, the original's. ${patternHelp}`,
  examples: [
    ['cat s3://bucket/log.txt', 'an object'],
    ["cat 's3://bucket/logs/*.txt'", 'all that match, in the order of their names'],
    ['cat --range 0-1023 s3://bucket/model.bin > head', 'its first 1,024 bytes'],
  ],
  async run(addresses, { range, ...how }, context) {
    const { signal, meter } = context
    const { places } = await openObjects(addresses, how, 'cat', context)
    return { kind: 'bytes', bytes: bytesOf(places, range, { signal, meter }) }
  },
})

async function* bytesOf(
  places: AsyncIterable<Place>,
  wanted: WantedRange | undefined,
  call: CallOptions,
): AsyncGenerator<Uint8Array> {
  for await (const { store, prefix } of places)
    yield* wanted ? rangeOf(store, prefix, wanted, call) : originalOf({ store, prefix }, call)
}

/** Asks for the size first: what is read then is still the same object, or the read fails. */
async function* rangeOf(
  store: Store,
  key: Place['prefix'],
  wanted: WantedRange,
  call: CallOptions,
): AsyncGenerator<Uint8Array> {
  const info = await store.stat(key, call)
  const { size } = compressedForm(info) ?? info
  const range = resolveRange(wanted, size)
  if (range === undefined)
    throw new HawserError(
      'invalid-argument',
      `the range begins beyond the end: the object has ${size} bytes`,
      {
        op: 'read',
        location: store.location,
        key,
      },
    )
  if (range.end > range.start) yield* readOriginal(store, key, info, call, range)
}

/** Undefined for what is no range. */
export function parseRange(text: string): WantedRange | undefined {
  const match = /^(\d{1,15})?-(\d{1,15})?$/.exec(text.trim())
  if (!match) return undefined
  const first = match[1] === undefined ? undefined : Number(match[1])
  const last = match[2] === undefined ? undefined : Number(match[2])
  if (first === undefined && last === undefined) return undefined
  if (first !== undefined && last !== undefined && last < first) return undefined
  return { first, last }
}

/** Against a size; undefined where it begins beyond the end. */
export function resolveRange({ first, last }: WantedRange, size: number): Range | undefined {
  if (first === undefined) return { start: Math.max(0, size - (last ?? 0)), end: size }
  if (first > size || (first === size && size > 0)) return undefined
  return { start: first, end: last === undefined ? size : Math.min(size, last + 1) }
}
