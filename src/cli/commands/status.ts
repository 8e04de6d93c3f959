// `status`: what changed in a directory since it was synced, by what this machine knows alone.
import { isHere, parseAddress, treeAddress } from '../../address.ts'
import { flag, type SpecsOf } from '../../config/option.ts'
import { HawserError } from '../../core/errors.ts'
import { formatAddress, type Location, locationId, locationOf } from '../../core/location.ts'
import { addressOfPlace, asTree, type Place, placeId } from '../../core/place.ts'
import type { State } from '../../state/types.ts'
import type { LinkPolicy } from '../../sync/options.ts'
import { destinationsOf, status as statusOf, type StatusOptions } from '../../sync/status.ts'
import {
  type Command,
  type Context,
  defineCommand,
  type Outcome,
  type StatusAt,
  usageError,
} from '../command.ts'
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
    'Compares the directory (the working directory) with what was recorded when it was synced to DST, or to each place that it was synced to. No service is asked, no file is read, and nothing is changed; what others did at DST shows in a dry run of sync.',
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
    const targets = state ? await targetsOf(state, from, to, context) : []
    if (!state || targets.length === 0) throw neverSynced(directory, from, to)
    const form = porcelain ? (nul ? 'nul' : 'porcelain') : 'people'
    return report(from, targets, { ...filters, state, archive, links, signal }, context, form)
  },
})

type StatusForm = (Outcome & { kind: 'status' })['form']

function report(
  from: Place,
  targets: readonly string[],
  settings: StatusOptions,
  { onEvent }: Context,
  form: StatusForm,
): Outcome {
  const failures: HawserError[] = []
  const onProblem = (error: HawserError): void => {
    failures.push(error)
    onEvent({ type: 'error', error })
  }
  const rows = rowsOf(from, targets, { ...settings, onProblem })
  return { kind: 'status', rows, failures, form, isOfSeveral: targets.length > 1 }
}

async function targetsOf(
  state: State,
  from: Place,
  to: string | undefined,
  context: Context,
): Promise<readonly string[]> {
  const all = await destinationsOf(from, state)
  if (to === undefined) return all
  const isMeant = await meaning(to, context)
  return all.filter((id) => isMeant(locationOf(id)))
}

/** Whether a location is what an address says. A store is not opened for it, which would take credentials. */
async function meaning(to: string, { open }: Context): Promise<(place: Location) => boolean> {
  const address = parseAddress(treeAddress(to))
  if (address.scheme !== 's3') {
    const id = placeId(asTree(await open(treeAddress(to))))
    return (place) => locationId(place) === id
  }
  const root = `${address.bucket}/${address.key}`.replace(/\/+$/, '')
  return (place) => place.scheme === 's3' && place.root === root
}

async function* rowsOf(
  from: Place,
  targets: readonly string[],
  settings: StatusOptions,
): AsyncGenerator<StatusAt> {
  for (const target of targets) {
    const between = { from: addressOfPlace(from), to: addressOf(target) }
    yield { ...between, type: 'begin' }
    const changes = statusOf(from, target, settings)
    for (let next = await changes.next(); ; next = await changes.next()) {
      if (next.done) {
        yield { ...between, type: 'totals', totals: next.value }
        break
      }
      yield { ...between, type: 'change', changed: next.value }
    }
  }
}

function addressOf(target: string): string {
  const location = locationOf(target)
  return formatAddress(location, '')
}

function neverSynced(directory: string, from: Place, to: string | undefined): HawserError {
  const where = to === undefined ? 'anywhere' : `to ${to}`
  return new HawserError('not-found', `it was never synced ${where} from here`, {
    op: 'status',
    location: from.store.location,
    key: from.prefix,
    hint: `What a first one would do is told by: hawser sync -n ${directory} ${to ?? 'DST'}`,
  })
}
