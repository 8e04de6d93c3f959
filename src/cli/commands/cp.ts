// `cp`: copies objects and trees between any two places, and from standard input or to standard output.
import { parseAddress } from '../../address.ts'
import { flag, type SpecsOf } from '../../config/option.ts'
import { copyFromStream } from '../../sync/copy-stream.ts'
import { copy, type CopyOptions } from '../../sync/copy.ts'
import { createBucketOf } from '../bucket.ts'
import { type Command, type Context, defineCommand, type Outcome, usageError } from '../command.ts'
import { compressionOf } from '../compression.ts'
import { oneObject } from '../object.ts'
import { originalOf } from '../original.ts'
import { literalOption, openMatching, regexOption } from '../pattern.ts'
import { reported } from '../reported.ts'
import { selectionOf, selectionOptions, type SelectionValues } from '../selection.ts'
import {
  movingOptions,
  type MovingValues,
  refuseIgnored,
  sourceOf,
  transferOptionsOf,
} from '../transfer.ts'

interface CopyValues extends MovingValues, SelectionValues {
  readonly recursive: boolean
  readonly literal: boolean
  readonly regex: string | undefined
}

const options: SpecsOf<CopyValues> = {
  recursive: flag('-r, --recursive', 'copy trees, keeping relative paths'),
  ...movingOptions,
  createBucket: flag('-c, --create-bucket', movingOptions.createBucket.summary),
  literal: literalOption,
  regex: regexOption,
  ...selectionOptions,
}

const details =
  'Copies to DST; several sources go below DST, each under its own name. SRC may be a pattern; the names that match are kept, from its first * on. "-" as SRC is standard input, "-" as DST standard output.'

export const cp: Command = copyCommand(details, [
  ['cp model.bin s3://bucket/models/', 'uploads a file'],
  ['cp -r s3://bucket/models/ ./models', 'downloads a tree'],
  ["cp 's3://bucket/logs/**/*.gz' ./logs", 'downloads what matches, keeping the names below logs'],
  [
    'cp - s3://bucket/backup.tar',
    'uploads what another program writes, as in tar c . | hawser cp …',
  ],
])

/** Refuses addresses that a command is not for. @throws HawserError invalid-argument */
export type Direction = (sources: readonly string[], target: string) => void

/** `cp`, or one way of it under a name that people look for. */
export function copyCommand(
  told: string,
  examples: Command['examples'],
  direction?: Direction,
): Command {
  return defineCommand({
    arguments: { usage: 'SRC... DST', min: 2, max: Number.POSITIVE_INFINITY },
    options,
    details: told,
    examples,
    async run(operands, given, context) {
      direction?.(operands.slice(0, -1), operands.at(-1) ?? '')
      return await copyOperands(operands, given, context)
    },
  })
}

async function copyOperands(
  operands: readonly string[],
  given: CopyValues,
  context: Context,
): Promise<Outcome> {
  refuseIgnored(given)
  const sources = operands.slice(0, -1)
  const target = operands.at(-1) ?? ''
  if (isStream(target) && compressionOf(given))
    throw usageError('-z compresses what goes to a store')
  if (isStream(target)) return toOutput(sources, context)
  const piped = sources.some(isStream)
  if (piped) refuseForStream(sources, given)
  if (given.createBucket && !given.dryRun) await createBucketOf(target, context)
  const to = await context.open(target)
  const settings: CopyOptions = {
    ...(await transferOptionsOf(context, given)),
    ...(await selectionOf(given, context)),
    recursive: given.recursive,
  }
  if (piped) return { kind: 'run', result: await copyFromStream(context.input(), to, settings) }
  const how = sourceOf(given)
  const opening = sources.map((source) => openMatching(source, given, context, how))
  const from = (await Promise.all(opening)).map(({ place, pattern }) => ({ ...place, pattern }))
  const description = { command: 'copy', from, to, options: settings }
  return reported(given.report, description, () => copy(from, to, settings))
}

/** @throws HawserError invalid-argument for what a stream, whose end nobody knows, cannot have */
function refuseForStream(sources: readonly string[], given: CopyValues): void {
  if (sources.length > 1) throw usageError('"-" cannot be one of several sources')
  if (compressionOf(given))
    throw usageError(
      '-z is not for standard input, whose size and checksum nobody knows before its end',
      'Compress it before: zstd | hawser cp --content-encoding zstd - DST',
    )
  const { report, prices, maxTransfer, maxDuration } = given
  if ([report, prices, maxTransfer, maxDuration].some((value) => value !== undefined))
    throw usageError(
      '--report, --prices, --max-transfer and --max-duration are not for standard input',
      'Nobody knows its size before its end.',
    )
}

function isStream(address: string): boolean {
  return parseAddress(address).scheme === 'stream'
}

async function toOutput(sources: readonly string[], context: Context): Promise<Outcome> {
  const [source = ''] = sources
  if (sources.length > 1 || isStream(source))
    throw usageError('to "-" one object is copied', 'Use hawser cat for several.')
  const { store, prefix } = await context.open(source)
  oneObject(store, prefix, 'cp')
  const { signal, meter } = context
  return { kind: 'bytes', bytes: originalOf({ store, prefix }, { signal, meter }) }
}
