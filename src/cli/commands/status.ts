// `status`: what changed in a directory since it was synced, by what this machine knows alone.
import { isHere, treeAddress } from '../../address.ts'
import { flag, type SpecsOf } from '../../config/option.ts'
import type { HawserError } from '../../core/errors.ts'
import type { Place } from '../../core/place.ts'
import { neverSynced, statusRows, syncedOf } from '../../status.ts'
import type { LinkPolicy } from '../../sync/options.ts'
import type { StatusOptions } from '../../sync/status.ts'
import type { Synced } from '../../sync/synced.ts'
import { type Command, type Context, defineCommand, type Outcome, usageError } from '../command.ts'
import { selectionOf, selectionOptions, type SelectionValues } from '../selection.ts'
import { movingOptions } from '../transfer.ts'

interface StatusValues extends SelectionValues {
  readonly archive: boolean
  readonly links: LinkPolicy | undefined
  readonly porcelain: boolean
  readonly nul: boolean
}

const options: SpecsOf<StatusValues> = {
  porcelain: flag('--porcelain', 'for programs: two letters, a tab and the name on each line'),
  nul: flag('-0, --nul', 'with --porcelain: names as they are, each with a NUL behind it'),
  archive: flag('-a, --archive', 'symbolic links and directories count, too'),
  links: movingOptions.links,
  ...selectionOptions,
}

export const status: Command = defineCommand({
  arguments: { usage: '[DIR [DST]]', min: 0, max: 2 },
  options,
  details:
    'Compares the directory (the working directory) with what was recorded when it, or one that it is in, was synced to DST, or to each place that it was synced to. No service is asked, no file is read, and nothing is changed; what others did at DST shows in a dry run of sync.',
  examples: [
    ['status ./models', 'what changed since it was synced, for each place it was synced to'],
    ['status --porcelain ./models s3://bucket/models', 'the same of one place, for a program'],
  ],
  async run([directory = '.', to], { porcelain, nul, archive, links, ...selection }, context) {
    const { signal, options: global } = context
    if (!isHere(directory)) throw usageError('status looks at a directory on this machine')
    if (nul && !porcelain) throw usageError('--nul goes with --porcelain')
    if (porcelain && global.json) throw usageError('--porcelain and --json exclude each other')
    const from = await context.open(treeAddress(directory), { followLinks: links === 'copy' })
    const filters = await selectionOf(selection, context)
    const state = await context.stateIfThere()
    if (!state) throw neverSynced(from, to)
    const synced = await syncedOf(state, from, to, context.open)
    const form = porcelain ? (nul ? 'nul' : 'porcelain') : 'people'
    return report(from, synced, { ...filters, state, archive, links, signal }, context, form)
  },
})

type StatusForm = (Outcome & { kind: 'status' })['form']

function report(
  from: Place,
  synced: readonly Synced[],
  settings: StatusOptions,
  { onEvent }: Context,
  form: StatusForm,
): Outcome {
  const failures: HawserError[] = []
  const onProblem = (error: HawserError): void => {
    failures.push(error)
    onEvent({ type: 'error', error })
  }
  const rows = statusRows(from, synced, { ...settings, onProblem })
  return { kind: 'status', rows, failures, form, isOfSeveral: synced.length > 1 }
}
