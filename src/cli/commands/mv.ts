// `mv`: moves objects and trees between any two places.
import { flag } from '../../config/option.ts'
import { move } from '../../sync/move.ts'
import { type Command, defineCommand } from '../command.ts'
import { archiveOption, dryRunOption, transferOptionsOf } from '../transfer.ts'

const options = {
  recursive: flag('-r, --recursive', 'move trees, keeping relative paths'),
  archive: archiveOption,
  dryRun: dryRunOption,
}

export const mv: Command = defineCommand({
  arguments: { usage: 'SRC... DST', min: 2, max: Number.POSITIVE_INFINITY },
  options,
  details:
    'Moves to where cp copies, and replaces what is there. On one disk files are renamed; else each is removed once its copy is whole, unless it changed meanwhile. What was not moved, or not reached, stays: run it again to go on.',
  examples: [
    ['mv model.bin s3://bucket/models/', 'uploads a file and removes it here'],
    [
      'mv -r s3://bucket/new/ s3://bucket/current/',
      'gives a prefix another name, inside the store',
    ],
  ],
  async run(operands, given, context) {
    const sources = operands.slice(0, -1)
    const to = await context.open(operands.at(-1) ?? '', { fromRoot: true })
    const how = { asEntry: true, fromRoot: true }
    const from = await Promise.all(sources.map((source) => context.open(source, how)))
    const settings = await transferOptionsOf(context, given)
    const result = await move(from, to, { ...settings, recursive: given.recursive })
    return { kind: 'run', result }
  },
})
