// `rm`: removes objects, and trees where that is asked for.
import { flag } from '../../config/option.ts'
import { HawserError } from '../../core/errors.ts'
import type { Place } from '../../core/place.ts'
import { removeTree } from '../../sync/remove.ts'
import { openedLate } from '../../sync/signatures.ts'
import { type Command, defineCommand } from '../command.ts'
import { literalOption, openMatching, patternHelp, regexOption } from '../pattern.ts'
import { pricesOf, pricesOption } from '../prices.ts'
import { dryRunOption } from '../transfer.ts'

const options = {
  recursive: flag('-r, --recursive', 'also remove whole trees'),
  dryRun: dryRunOption,
  prices: pricesOption,
  regex: regexOption,
  literal: literalOption,
}

export const rm: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Removes objects. A bucket, a directory or a prefix is only removed with -r. ${patternHelp}`,
  examples: [
    ['rm s3://bucket/old.bin', 'removes one object'],
    ["rm 's3://bucket/runs/*/*.tmp'", 'removes the objects that match'],
    ['rm -r -n s3://bucket/old/', 'what would be removed below a prefix'],
  ],
  async run(addresses, { recursive, dryRun, prices: file, ...how }, context) {
    const { signal, onEvent, meter } = context
    const { jobs } = context.options
    const opening = addresses.map((address) =>
      openMatching(address, how, context, { asEntry: true }),
    )
    const found = await Promise.all(opening)
    if (!recursive) for (const { place, pattern } of found) if (!pattern) refuseTree(place)
    const places = found.map(({ place, pattern }) => ({ ...place, pattern }))
    const prices = await pricesOf(file, context)
    const known = openedLate(context.stateIfThere)
    const runs = dryRun ? undefined : (await context.state()).runs
    const settings = { recursive, dryRun, jobs, prices, signal, onEvent, meter, known, runs }
    return { kind: 'run', result: await removeTree(places, settings) }
  },
})

function refuseTree({ store, prefix }: Place): void {
  if (prefix !== '' && !prefix.endsWith('/')) return
  throw new HawserError('invalid-argument', 'this is a tree of objects', {
    op: 'remove',
    location: store.location,
    key: prefix,
    hint: 'Use rm -r to remove it with everything in it.',
  })
}
