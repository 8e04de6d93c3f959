// `sync`: makes one tree like another.
import { treeAddress } from '../../address.ts'
import { flag, type SpecsOf, text, under, value } from '../../config/option.ts'
import { sync as syncTrees } from '../../sync/sync.ts'
import type { SyncOptions } from '../../sync/options.ts'
import { createBucketOf } from '../bucket.ts'
import { type Command, defineCommand } from '../command.ts'
import { comparisonOf, comparisonOptions, type ComparisonValues } from '../comparison.ts'
import { reported } from '../reported.ts'
import {
  namesOf,
  namesOptions,
  type NamesValues,
  selectionOf,
  selectionOptions,
  type SelectionValues,
} from '../selection.ts'
import {
  movingOptions,
  type MovingValues,
  refuseIgnored,
  sourceOf,
  transferOptionsOf,
} from '../transfer.ts'

interface RemovingValues {
  readonly delete: boolean
  readonly deleteExcluded: boolean
  readonly maxDelete: SyncOptions['maxDelete']
  readonly backupDir: string | undefined
  readonly failOnConflict: boolean
  readonly noRenames: boolean
  readonly noDedupeCopy: boolean
}
interface SyncValues
  extends RemovingValues, MovingValues, ComparisonValues, SelectionValues, NamesValues {}

const removingOptions: SpecsOf<RemovingValues> = under('What is at the destination:', {
  delete: flag('--delete', 'remove what the source does not have, after everything else succeeded'),
  deleteExcluded: flag('--delete-excluded', 'as --delete, and also what filters leave out'),
  maxDelete: value<SyncOptions['maxDelete']>(
    '--max-delete <n>',
    'refuse to remove more than so many objects, or with a % more than that share',
    undefined,
    'a number of objects, such as 100, or a share, such as 10%',
    parseMaxDelete,
  ),
  backupDir: text('--backup-dir <url>', 'keep there what is replaced or removed'),
  noRenames: flag('--no-renames', 'send what has another name by now, too'),
  noDedupeCopy: flag('--no-dedupe-copy', 'send also what another object there has the contents of'),
  failOnConflict: flag('--fail-on-conflict', 'what another program changes meanwhile is a failure'),
})

const options: SpecsOf<SyncValues> = {
  ...movingOptions,
  ...comparisonOptions,
  ...removingOptions,
  ...selectionOptions,
  ...namesOptions,
}

export const sync: Command = defineCommand({
  arguments: { usage: 'SRC DST', min: 2, max: 2 },
  options,
  details:
    'Copies what is missing or different from the tree SRC to the tree DST, in either direction. What has another name by now is copied at the destination, not sent. Nothing is removed without --delete, and never while something failed.',
  examples: [
    ['sync ./models s3://bucket/models', 'uploads what changed'],
    [
      'sync -n --delete s3://bucket/models ./models',
      'what would change here, and what it would cost',
    ],
    [
      "sync --exclude '*.tmp' --gitignore . s3://bucket/project",
      'without what is not worth keeping',
    ],
  ],
  async run([from = '', to = ''], given, context) {
    refuseIgnored(given)
    const comparison = comparisonOf(given)
    const filesFrom = await namesOf(given, context)
    if (given.createBucket && !given.dryRun) await createBucketOf(to, context)
    const source = await context.open(treeAddress(from), sourceOf(given))
    const target = await context.open(treeAddress(to))
    const { deleteExcluded, maxDelete, failOnConflict, noRenames, noDedupeCopy, backupDir } = given
    const settings: SyncOptions = {
      ...(await transferOptionsOf(context, given)),
      ...(await selectionOf(given, context)),
      ...comparison,
      filesFrom,
      ignoreMissingArgs: given.ignoreMissingArgs,
      deleteMissingArgs: given.deleteMissingArgs,
      delete: given.delete || deleteExcluded,
      deleteExcluded,
      maxDelete,
      failOnConflict,
      renames: !noRenames,
      dedupeCopy: !noDedupeCopy,
      backupDir: backupDir === undefined ? undefined : await context.open(treeAddress(backupDir)),
    }
    const description = { command: 'sync', from: [source], to: target, options: settings }
    return reported(given.report, description, () => syncTrees(source, target, settings))
  },
})

/** Undefined for what is neither a number nor a share. */
export function parseMaxDelete(given: string): SyncOptions['maxDelete'] {
  const match = /^(\d{1,12})(%?)$/.exec(given.trim())
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2] === '') return number
  return number <= 100 ? `${number}%` : undefined
}
