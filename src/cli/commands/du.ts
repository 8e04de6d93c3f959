// `du`: how much lies below addresses, as it is listed.
import { flag, integer } from '../../config/option.ts'
import { asHawserError, type HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Place } from '../../core/place.ts'
import { formatAddress } from '../../core/location.ts'
import { someMatching } from '../../pattern/list.ts'
import type { Pattern } from '../../pattern/pattern.ts'
import { usage, type Usage, type UsageOptions } from '../../sync/du.ts'
import { type Command, type Context, defineCommand, type UsageAt, usageError } from '../command.ts'
import { literalOption, type Matching, openMatching, patternHelp, regexOption } from '../pattern.ts'

const options = {
  depth: integer('--depth <n>', 'also prefixes, so many levels below each address', 0, {
    min: 0,
    max: 1000,
  }),
  byClass: flag('--by-class', 'each storage class by itself, too'),
  human: flag('--human', 'sizes with units'),
  regex: regexOption,
  literal: literalOption,
}

export const du: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Shows bytes, the number of objects, and the address; what lies in a prefix comes before it. Sizes are those of the contents, whatever they take on a disk. ${patternHelp} Each match is told by itself, but for what lies in another one.`,
  examples: [
    ['du --human s3://bucket', 'what a bucket holds'],
    ['du --depth 1 s3://bucket/models/', 'each model, and all of them'],
    ["du 's3://bucket/runs/2026-*'", 'each of those that match'],
    ['du --by-class s3://bucket', 'how much lies in which storage class'],
  ],
  async run(addresses, { depth, byClass, human, ...how }, context) {
    const opening = addresses.map((address) => openMatching(address, how, context))
    const found = await Promise.all(opening)
    for (const { place } of found)
      if (place.store.location.root === '')
        throw usageError('du needs a bucket', 'See which there are with: hawser ls s3://')
    const failures: HawserError[] = []
    const rows = usageOfEach(found, depth, failures, context)
    return { kind: 'usage', rows, failures, byClass, human }
  },
})

/** What cannot be listed is told and left out; an address that is not there does not keep others from being told. */
async function* usageOfEach(
  found: readonly Matching[],
  depth: number,
  failures: HawserError[],
  { signal, meter, onEvent }: Context,
): AsyncGenerator<UsageAt> {
  for (const one of found) {
    const { location } = one.place.store
    const onProblem = (problem: Error): void => {
      const error = asHawserError(problem, { op: 'list', location })
      failures.push(error)
      onEvent({ type: 'error', error })
    }
    try {
      const call = { onProblem, signal, meter }
      const rows = one.pattern
        ? usageOfMatches(one.place, one.pattern, depth, call)
        : usage(one.place, { depth, ...call })
      for await (const { key, ...amounts } of rows)
        yield { ...amounts, address: formatAddress(location, key) }
    } catch (error) {
      if (signal.aborted || found.length === 1 || !(error instanceof Error)) throw error
      onProblem(error)
    }
  }
}

/** Of each object and each directory that matches. What lies in such a directory is counted there. */
async function* usageOfMatches(
  place: Place,
  pattern: Pattern,
  depth: number,
  call: UsageOptions,
): AsyncGenerator<Usage> {
  const { store } = place
  let last: Key | undefined
  const wanted = { ...call, directories: true }
  for await (const entry of someMatching('list', place, pattern, wanted)) {
    const { key, kind, size: bytes, storageClass = '' } = entry
    if (last?.endsWith('/') && key.startsWith(last)) continue
    last = key
    if (kind === 'directory') yield* usage({ store, prefix: key }, { ...call, depth })
    else {
      const amount = { objects: 1, bytes }
      yield { key, depth: 0, ...amount, classes: new Map([[storageClass, amount]]) }
    }
  }
}
