// `restore` and `restore status`: makes archived objects readable, and shows how far that is.
import { flag, integer, longOf, oneOf, value } from '../../config/option.ts'
import { formatAddress } from '../../core/location.ts'
import { archivedBelow, archiveOf, type ArchivePlace } from '../../sync/archives.ts'
import { defaultJobs } from '../../sync/options.ts'
import { restore as restoreObjects } from '../../sync/restore.ts'
import {
  type ArchivedAt,
  type Command,
  type Context,
  defineCommand,
  usageError,
} from '../command.ts'
import { literalOption, openMatching, patternHelp, regexOption } from '../pattern.ts'
import { pricesOf, pricesOption } from '../prices.ts'
import { dryRunOption } from '../transfer.ts'

const options = {
  recursive: flag('-r, --recursive', 'all that is archived below URL'),
  remembered: flag('--remembered', 'only what earlier runs left below URL because it is archived'),
  tier: oneOf('--tier <tier>', 'how fast, and at what price', ['bulk', 'standard', 'expedited']),
  days: integer('--days <n>', 'how long it is to stay readable', 7, { min: 1, max: 36_500 }),
  wait: flag('--wait', 'until all of it can be read'),
  maxCost: value<number | undefined>(
    '--max-cost <amount>',
    'ask for nothing that costs more, in the currency of the prices',
    undefined,
    'an amount, such as 10 or 0.50',
    (given) => (/^\d{1,9}(?:\.\d{1,6})?$/.test(given) ? Number(given) : undefined),
  ),
  prices: pricesOption,
  dryRun: dryRunOption,
  regex: regexOption,
  literal: literalOption,
}

export const restore: Command = defineCommand({
  arguments: { usage: '[status] URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Asks the service to make archived objects readable, which takes minutes to days, and tells first what it costs. "status" shows those at and below URL: the state of each, which tier was asked for and when, and until when it can be read. ${patternHelp}`,
  examples: [
    ['restore -n -r s3://bucket/data/', 'what would be thawed, and what it would cost'],
    ['restore --remembered --days 3 s3://bucket/data/', 'what a sync left there'],
    ['restore -r --tier standard --wait s3://bucket/data/', 'and waits until it can be read'],
    ['restore status s3://bucket/data/', 'how far that is'],
  ],
  async run([first = '', ...rest], { prices, regex, literal, ...given }, context, said) {
    const how = { regex, literal }
    if (first === 'status') {
      if (rest.length === 0) throw usageError('restore status needs an address')
      refuseOfThaw(said)
      const places = await openAll(rest, how, context)
      places.forEach(archiveOf)
      return { kind: 'archives', rows: statusOf(places, given.remembered, context) }
    }
    const places = await openAll([first, ...rest], how, context)
    const { recursive, remembered } = given
    if (!recursive && !remembered) places.forEach(refuseTree)
    const { signal, onEvent, meter } = context
    const result = await restoreObjects(places, {
      ...given,
      prices: await pricesOf(prices, context),
      state: await context.state(),
      jobs: context.options.jobs,
      signal,
      onEvent,
      meter,
    })
    return { kind: 'restore', result }
  },
})

const ofThaw = ['tier', 'days', 'wait', 'maxCost', 'prices', 'dryRun'] as const

/** In the environment they are for the restores that thaw. */
function refuseOfThaw(said: ReadonlySet<string>): void {
  const name = ofThaw.find((one) => said.has(one))
  if (name === undefined) return
  const option = longOf(options[name].flags)
  throw usageError(`--${option} is not for restore status: it asks for nothing`)
}

async function openAll(
  addresses: readonly string[],
  how: { readonly regex: string | undefined; readonly literal: boolean },
  context: Context,
): Promise<ArchivePlace[]> {
  const opening = addresses.map((address) => openMatching(address, how, context, { asEntry: true }))
  return (await Promise.all(opening)).map(({ place, pattern }) => ({ ...place, pattern }))
}

function refuseTree({ store, prefix, pattern }: ArchivePlace): void {
  if (pattern || (prefix !== '' && !prefix.endsWith('/'))) return
  throw usageError(
    `${formatAddress(store.location, prefix)} is a tree of objects`,
    'Thaw all that is archived in it with -r, or with --remembered what earlier runs left.',
  )
}

/** What can be read and was never asked for is only counted. The last row is of the whole. */
async function* statusOf(
  places: readonly ArchivePlace[],
  remembered: boolean,
  context: Context,
): AsyncGenerator<ArchivedAt> {
  const { signal, meter } = context
  const { archives } = await context.state()
  const jobs = context.options.jobs ?? defaultJobs
  const counts = { archived: 0, thawing: 0, thawed: 0, readable: 0 }
  let [objects, bytes] = [0, 0]
  for (const place of places) {
    const call = { archives, recursive: true, remembered, jobs, signal, meter }
    for await (const { entry, state, known } of archivedBelow(place, call)) {
      const { key, size } = entry
      objects++
      bytes += size
      counts[state.kind]++
      if (state.kind === 'readable' && !known) continue
      const until = state.kind === 'thawed' ? state.until : undefined
      const { tier, requested } = known?.thaw ?? {}
      const address = formatAddress(place.store.location, key)
      yield { type: 'archived', address, key, size, state: state.kind, tier, requested, until }
    }
  }
  yield { type: 'archives', objects, bytes, counts }
}
