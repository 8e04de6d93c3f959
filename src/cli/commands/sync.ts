// `sync`: makes one tree like another.
import { flag, value } from '../../config/option.ts'
import { treeAddress } from '../../address.ts'
import { sync as syncTrees } from '../../sync/sync.ts'
import type { SyncOptions } from '../../sync/options.ts'
import { type Command, defineCommand } from '../command.ts'
import { archiveOption, dryRunOption, transferOptionsOf } from '../transfer.ts'

const options = {
  delete: flag('--delete', 'remove what the source does not have, after everything else succeeded'),
  maxDelete: value<SyncOptions['maxDelete']>(
    '--max-delete <n>',
    'refuse to remove more than so many objects, or with a % more than that share',
    undefined,
    'a number of objects, such as 100, or a share, such as 10%',
    parseMaxDelete,
  ),
  checksum: flag('-c, --checksum', 'compare contents, not sizes and times'),
  archive: archiveOption,
  dryRun: dryRunOption,
}

export const sync: Command = defineCommand({
  arguments: { usage: 'SRC DST', min: 2, max: 2 },
  options,
  details:
    'Copies what is missing or different from the tree SRC to the tree DST, in either direction. Nothing is removed without --delete, and never while something failed.',
  examples: [
    ['sync ./models s3://bucket/models', 'uploads what changed'],
    ['sync -n --delete s3://bucket/models ./models', 'what would change here'],
  ],
  async run([from = '', to = ''], given, context) {
    const source = await context.open(treeAddress(from))
    const target = await context.open(treeAddress(to))
    const transfer = await transferOptionsOf(context, given)
    const { delete: remove, maxDelete, checksum } = given
    const settings = { ...transfer, delete: remove, maxDelete, checksum }
    return { kind: 'run', result: await syncTrees(source, target, settings) }
  },
})

/** Undefined for what is neither a number nor a share. */
export function parseMaxDelete(text: string): SyncOptions['maxDelete'] {
  const match = /^(\d{1,12})(%?)$/.exec(text.trim())
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2] === '') return number
  return number <= 100 ? `${number}%` : undefined
}
