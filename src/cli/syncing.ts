// What a sync is told on the command line: what `sync` does, and `plan` writes down.
import { treeAddress } from '../address.ts'
import { flag, type SpecsOf, text, under, value } from '../config/option.ts'
import type { Place } from '../core/place.ts'
import type { SyncOptions } from '../sync/options.ts'
import type { Context } from './command.ts'
import { comparisonOf, comparisonOptions, type ComparisonValues } from './comparison.ts'
import {
  namesOf,
  namesOptions,
  type NamesValues,
  selectionOf,
  selectionOptions,
  type SelectionValues,
} from './selection.ts'
import {
  movingOptions,
  type MovingValues,
  refuseIgnored,
  sourceOf,
  transferOptionsOf,
} from './transfer.ts'

interface RemovingValues {
  readonly delete: boolean
  readonly deleteExcluded: boolean
  readonly maxDelete: SyncOptions['maxDelete']
  readonly backupDir: string | undefined
  readonly failOnConflict: boolean
  readonly noRenames: boolean
  readonly noDedupeCopy: boolean
}
export interface SyncValues
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
  noRenames: flag('--no-renames', 'send what has another name by now, too, and leave old names'),
  noDedupeCopy: flag('--no-dedupe-copy', 'send also what another object there has the contents of'),
  failOnConflict: flag('--fail-on-conflict', 'what another program changes meanwhile is a failure'),
})

export const syncOptions: SpecsOf<SyncValues> = {
  ...movingOptions,
  ...comparisonOptions,
  ...removingOptions,
  ...selectionOptions,
  ...namesOptions,
}

export interface Syncing {
  readonly source: Place
  readonly target: Place
  readonly settings: SyncOptions
}

/**
 * Opens what is to be synced.
 * @param prepare comes when all options are known to be right, and before anything is opened
 * @throws HawserError invalid-argument for what contradicts itself
 */
export async function syncingOf(
  [from = '', to = '']: readonly string[],
  given: SyncValues,
  context: Context,
  prepare: (to: string) => Promise<void> = async () => {},
): Promise<Syncing> {
  refuseIgnored(given)
  const comparison = comparisonOf(given)
  const filesFrom = await namesOf(given, context)
  await prepare(to)
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
  return { source, target, settings }
}

/** Undefined for what is neither a number nor a share. */
export function parseMaxDelete(given: string): SyncOptions['maxDelete'] {
  const match = /^(\d{1,12})(%?)$/.exec(given.trim())
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2] === '') return number
  return number <= 100 ? `${number}%` : undefined
}
