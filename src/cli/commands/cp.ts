// `cp`: copies objects and trees between any two places, and from standard input or to standard output.
import { parseAddress } from '../../address.ts'
import { flag } from '../../config/option.ts'
import { copy, copyFromStream } from '../../sync/copy.ts'
import { type Command, type Context, defineCommand, type Outcome, usageError } from '../command.ts'
import { oneObject } from '../object.ts'
import { archiveOption, dryRunOption, transferOptionsOf } from '../transfer.ts'

const options = {
  recursive: flag('-r, --recursive', 'copy trees, keeping relative paths'),
  archive: archiveOption,
  dryRun: dryRunOption,
}

export const cp: Command = defineCommand({
  arguments: { usage: 'SRC... DST', min: 2, max: Number.POSITIVE_INFINITY },
  options,
  details:
    'Copies to DST; several sources go below DST, each under its own name. "-" as SRC is standard input, "-" as DST standard output.',
  examples: [
    ['cp model.bin s3://bucket/models/', 'uploads a file'],
    ['cp -r s3://bucket/models/ ./models', 'downloads a tree'],
    [
      'cp - s3://bucket/backup.tar',
      'uploads what another program writes, as in tar c . | hawser cp …',
    ],
  ],
  async run(operands, given, context) {
    const sources = operands.slice(0, -1)
    const target = operands.at(-1) ?? ''
    if (isStream(target)) return toOutput(sources, context)
    const to = await context.open(target)
    const settings = await transferOptionsOf(context, given)
    if (sources.some(isStream)) {
      if (sources.length > 1) throw usageError('"-" cannot be one of several sources')
      return { kind: 'run', result: await copyFromStream(context.input(), to, settings) }
    }
    const from = await Promise.all(sources.map((source) => context.open(source)))
    const result = await copy(from, to, { ...settings, recursive: given.recursive })
    return { kind: 'run', result }
  },
})

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
  return { kind: 'bytes', bytes: await store.read(prefix, { signal, meter }) }
}
