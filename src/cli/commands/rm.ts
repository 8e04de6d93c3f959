// `rm`: removes objects, and trees where that is asked for.
import { flag } from '../../config/option.ts'
import { HawserError } from '../../core/errors.ts'
import type { Place } from '../../core/place.ts'
import { removeTree } from '../../sync/remove.ts'
import { type Command, defineCommand } from '../command.ts'
import { dryRunOption } from '../transfer.ts'

const options = {
  recursive: flag('-r, --recursive', 'also remove whole trees'),
  dryRun: dryRunOption,
}

export const rm: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: 'Removes objects. A bucket, a directory or a prefix is only removed with -r.',
  examples: [
    ['rm s3://bucket/old.bin', 'removes one object'],
    ['rm -r -n s3://bucket/old/', 'what would be removed below a prefix'],
  ],
  async run(addresses, { recursive, dryRun }, context) {
    const { signal, onEvent, meter } = context
    const { jobs } = context.options
    const opening = addresses.map((address) => context.open(address, { asEntry: true }))
    const places = await Promise.all(opening)
    if (!recursive) places.forEach(refuseTree)
    const settings = { recursive, dryRun, jobs, signal, onEvent, meter }
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
