// `ls`: what is below an address, as it comes.
import { flag } from '../../config/option.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { joinKey, type Key } from '../../core/key.ts'
import type { Place } from '../../core/place.ts'
import type { Entry, ListOptions } from '../../core/store.ts'
import { someMatching } from '../../pattern/list.ts'
import { type Command, defineCommand } from '../command.ts'
import { literalOption, openMatching, patternHelp, regexOption } from '../pattern.ts'

const options = {
  long: flag('-l, --long', 'also show storage classes and ETags'),
  recursive: flag('-r, --recursive', 'everything below, not only the next level'),
  human: flag('--human', 'sizes with units'),
  regex: regexOption,
  literal: literalOption,
}

export const ls: Command = defineCommand({
  arguments: { usage: 'URL', min: 1, max: 1 },
  options,
  details: `Shows size, time and name, one level deep. Names are relative to URL; with --json each line carries the whole key. "s3://" lists the buckets. ${patternHelp} Names are then relative to the directory in front of it.`,
  examples: [
    ['ls .', 'what is in this directory'],
    ['ls s3://', 'the buckets'],
    ['ls -r --human s3://bucket/models/', 'everything below a prefix'],
    ["ls 's3://bucket/logs/2026-*/**/*.gz'", 'what matches a pattern'],
    ["ls --regex '.*/step-[0-9]+' s3://bucket/runs/", 'what fits a regular expression'],
  ],
  async run([address = ''], { long, recursive, human, ...how }, context) {
    const { signal, meter } = context
    const { place, pattern } = await openMatching(address, how, context)
    const { store, prefix } = place
    if (pattern) {
      const call = { recursive, directories: !recursive, signal, meter }
      const entries = someMatching('list', place, pattern, call)
      return { kind: 'entries', entries: named(entries, prefix.length), long, human }
    }
    if (store.location.root === '' && store.buckets)
      return { kind: 'buckets', buckets: store.buckets.list({ signal, meter }) }
    const entries = entriesAt(place, {
      signal,
      meter,
      shallow: !recursive,
      directories: !recursive,
    })
    const base = prefix.endsWith('/') ? prefix.length : prefix.lastIndexOf('/') + 1
    return { kind: 'entries', entries: named(entries, base, prefix), long, human }
  },
})

/**
 * An object, or what lies below a prefix.
 * @throws HawserError not-found where a prefix was named and there is nothing
 */
async function* entriesAt({ store, prefix }: Place, call: ListOptions): AsyncGenerator<Entry> {
  if (prefix === '') {
    yield* store.list(prefix, call)
    return
  }
  const object = prefix.endsWith('/') ? undefined : await lookUp({ store, prefix }, call)
  if (object !== undefined && object.kind !== 'directory') {
    yield object
    return
  }
  let empty = true
  for await (const entry of store.list(belowOf(prefix), call)) {
    empty = false
    yield entry
  }
  if (empty && object === undefined)
    throw new HawserError('not-found', 'nothing is there', {
      op: 'list',
      location: store.location,
      key: prefix,
    })
}

async function lookUp({ store, prefix }: Place, call: ListOptions): Promise<Entry | undefined> {
  const { signal, meter } = call
  try {
    return await store.stat(prefix, { signal, meter })
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}

function belowOf(prefix: Key): Key {
  return prefix.endsWith('/') ? prefix : joinKey(prefix, '/')
}

async function* named(entries: AsyncIterable<Entry>, base: number, prefix?: Key) {
  for await (const entry of entries) {
    const inside = prefix !== undefined && entry.key.startsWith(`${prefix}/`)
    const below = inside ? prefix.length + 1 : base
    yield { ...entry, name: entry.key.slice(below) || './' }
  }
}
