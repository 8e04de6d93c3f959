// `mv`: moves objects and trees between any two places.
import { flag, type SpecsOf } from '../../config/option.ts'
import type { CopyOptions } from '../../sync/copy.ts'
import { move } from '../../sync/move.ts'
import { type Command, defineCommand, usageError } from '../command.ts'
import { createBucketOf } from '../bucket.ts'
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

interface MoveValues extends MovingValues, SelectionValues {
  readonly recursive: boolean
  readonly literal: boolean
  readonly regex: string | undefined
}

const options: SpecsOf<MoveValues> = {
  recursive: flag('-r, --recursive', 'move trees, keeping relative paths'),
  ...movingOptions,
  literal: literalOption,
  regex: regexOption,
  ...selectionOptions,
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
    refuseIgnored(given)
    const sources = operands.slice(0, -1)
    const target = operands.at(-1) ?? ''
    if (given.links === 'copy') throw usageError('mv does not follow links')
    if (given.createBucket && !given.dryRun) await createBucketOf(target, context)
    const to = await context.open(target, { fromRoot: true })
    const how = { ...sourceOf(given), asEntry: true, fromRoot: true }
    const opening = sources.map((source) => openMatching(source, given, context, how))
    const from = (await Promise.all(opening)).map(({ place, pattern }) => ({ ...place, pattern }))
    const settings: CopyOptions = {
      ...(await transferOptionsOf(context, given)),
      ...(await selectionOf(given, context)),
      recursive: given.recursive,
    }
    const description = { command: 'move', from, to, options: settings }
    return reported(given.report, description, () => move(from, to, settings))
  },
})
