// `du`: how much lies below addresses, as it is listed.
import { flag, integer } from '../../config/option.ts'
import { asHawserError, type HawserError } from '../../core/errors.ts'
import type { Place } from '../../core/place.ts'
import { formatAddress } from '../../core/location.ts'
import { usage } from '../../sync/du.ts'
import { type Command, type Context, defineCommand, type UsageAt, usageError } from '../command.ts'

const options = {
  depth: integer('--depth <n>', 'also prefixes, so many levels below each address', 0, {
    min: 0,
    max: 1000,
  }),
  byClass: flag('--by-class', 'each storage class by itself, too'),
  human: flag('--human', 'sizes with units'),
}

export const du: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details:
    'Shows bytes, the number of objects, and the address; what lies in a prefix comes before it. Sizes are those of the contents, whatever they take on a disk.',
  examples: [
    ['du --human s3://bucket', 'what a bucket holds'],
    ['du --depth 1 s3://bucket/models/', 'each model, and all of them'],
    ['du --by-class s3://bucket', 'how much lies in which storage class'],
  ],
  async run(addresses, { depth, byClass, human }, context) {
    const places = await Promise.all(addresses.map((address) => context.open(address)))
    for (const { store } of places)
      if (store.location.root === '')
        throw usageError('du needs a bucket', 'See which there are with: hawser ls s3://')
    const failures: HawserError[] = []
    const rows = usageOfEach(places, depth, failures, context)
    return { kind: 'usage', rows, failures, byClass, human }
  },
})

/** What cannot be listed is told and left out; an address that is not there does not keep others from being told. */
async function* usageOfEach(
  places: readonly Place[],
  depth: number,
  failures: HawserError[],
  { signal, meter, onEvent }: Context,
): AsyncGenerator<UsageAt> {
  for (const place of places) {
    const { location } = place.store
    const onProblem = (problem: Error): void => {
      const error = asHawserError(problem, { op: 'list', location })
      failures.push(error)
      onEvent({ type: 'error', error })
    }
    try {
      for await (const { key, ...amounts } of usage(place, { depth, onProblem, signal, meter }))
        yield { ...amounts, address: formatAddress(location, key) }
    } catch (error) {
      if (signal.aborted || places.length === 1 || !(error instanceof Error)) throw error
      onProblem(error)
    }
  }
}
