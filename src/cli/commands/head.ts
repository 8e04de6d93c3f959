// `head`: the beginning of objects: so many lines, or so many bytes. Reads no more than that takes.
import { integer, size } from '../../config/option.ts'
import { isHawserError } from '../../core/errors.ts'
import { addressOfPlace, type Place } from '../../core/place.ts'
import type { CallOptions, ObjectBody, Range } from '../../core/store.ts'
import { within } from '../../transfer/compress/form.ts'
import { type Command, defineCommand, usageError } from '../command.ts'
import { restOfOriginal } from '../original.ts'
import { literalOption, openObjects, patternHelp, regexOption } from '../pattern.ts'

const options = {
  bytes: size('-c, --bytes <size>', 'so many bytes instead of lines', {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    accepted: 'a size such as 100 or 64K',
  }),
  lines: integer('-n, --lines <n>', 'so many lines (10)', undefined, { min: 0, max: 1e15 - 1 }),
  regex: regexOption,
  literal: literalOption,
}

const defaultLines = 10
/** What is asked for to find lines in: first a little, then more and more. */
const firstPiece = 64 * 1024
const largestPiece = 8 * 1024 * 1024

export const head: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Writes the first lines, and reads only what holds them. Of several objects, and with a pattern, each is named before its lines, but with -q. ${patternHelp}`,
  examples: [
    ['head s3://bucket/log.txt', 'its first ten lines'],
    ['head -n 1 s3://bucket/a.csv s3://bucket/b.csv', 'the first line of each'],
    ["head -n 1 's3://bucket/tables/**/*.csv'", 'the first line of each that matches'],
    ['head -c 1K s3://bucket/model.bin', 'the first 1,024 bytes'],
  ],
  async run(addresses, { bytes, lines, ...how }, context) {
    const { signal, meter } = context
    if (bytes !== undefined && lines !== undefined)
      throw usageError('--bytes and --lines exclude each other')
    const { places, several } = await openObjects(addresses, how, 'head', context)
    const call = { signal, meter }
    const beginning = (place: Place): AsyncIterable<Uint8Array> =>
      bytes === undefined
        ? firstLines(place, lines ?? defaultLines, call)
        : rangeOf(place, { start: 0, end: bytes }, undefined, call)
    return { kind: 'bytes', bytes: ofEach(places, several && !context.options.quiet, beginning) }
  },
})

async function* ofEach(
  places: AsyncIterable<Place>,
  named: boolean,
  beginning: (place: Place) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const place of places) {
    const title = `${first ? '' : '\n'}==> ${addressOfPlace(place)} <==\n`
    first = false
    if (named) yield Buffer.from(title)
    yield* beginning(place)
  }
}

async function* firstLines(
  place: Place,
  lines: number,
  call: CallOptions,
): AsyncGenerator<Uint8Array> {
  let left = lines
  let etag: string | undefined
  let piece = lines === 0 ? 0 : firstPiece
  for (let start = 0; ; start += piece, piece = Math.min(2 * piece, largestPiece)) {
    const body = await openRange(place, { start, end: start + piece }, etag, call)
    if (!body) return
    const original = restOfOriginal(place, body, { start, end: start + piece }, call)
    for await (const chunk of original ?? body) {
      const end = endOfLines(chunk, left)
      left -= end.lines
      yield chunk.subarray(0, end.at)
      if (left === 0) return
    }
    if (original || left === 0 || start + piece >= body.info.size) return
    etag = body.info.etag
  }
}

/** How many of the lines end in the chunk, and where the last of them does, or the chunk. */
function endOfLines(chunk: Uint8Array, most: number): { lines: number; at: number } {
  let at = 0
  for (let lines = 0; lines < most; lines++) {
    const end = chunk.indexOf(10, at)
    if (end === -1) return { lines, at: chunk.length }
    at = end + 1
  }
  return { lines: most, at }
}

async function* rangeOf(
  place: Place,
  range: Range,
  etag: string | undefined,
  call: CallOptions,
): AsyncGenerator<Uint8Array> {
  const body = await openRange(place, range, etag, call)
  if (!body) return
  const original = restOfOriginal(place, body, range, call)
  yield* original ? within(original, range) : body
}

/** Undefined where the object ends before the range: an empty one does so at once. */
async function openRange(
  { store, prefix }: Place,
  range: Range,
  ifMatch: string | undefined,
  call: CallOptions,
): Promise<ObjectBody | undefined> {
  try {
    return await store.read(prefix, { ...call, range, ifMatch })
  } catch (error) {
    if (isHawserError(error) && error.code === 'range') return undefined
    throw error
  }
}
