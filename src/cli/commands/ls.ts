// `ls`: what is below an address, as it comes.
import { flag } from '../../config/option.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { joinKey, type Key } from '../../core/key.ts'
import type { Place } from '../../core/place.ts'
import type { Entry, ListOptions } from '../../core/store.ts'
import { type Command, defineCommand } from '../command.ts'

const options = {
  long: flag('-l, --long', 'also show storage classes and ETags'),
  recursive: flag('-r, --recursive', 'everything below, not only the next level'),
  human: flag('--human', 'sizes with units'),
}

export const ls: Command = defineCommand({
  arguments: { usage: 'URL', min: 1, max: 1 },
  options,
  details:
    'Shows size, time and name, one level deep. Names are relative to URL; with --json each line carries the whole key. "s3://" lists the buckets.',
  examples: [
    ['ls .', 'what is in this directory'],
    ['ls s3://', 'the buckets'],
    ['ls -r --human s3://bucket/models/', 'everything below a prefix'],
  ],
  async run([address = ''], { long, recursive, human }, { open, signal, meter }) {
    const place = await open(address)
    const { store, prefix } = place
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
      hint: patternHint(prefix),
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

async function* named(entries: AsyncIterable<Entry>, base: number, prefix: Key) {
  for await (const entry of entries) {
    const below = entry.key.startsWith(`${prefix}/`) ? prefix.length + 1 : base
    yield { ...entry, name: entry.key.slice(below) || './' }
  }
}

function patternHint(prefix: Key): string | undefined {
  return /[*?[{]/.test(prefix)
    ? 'Patterns are not supported yet: * ? [ and { stand for themselves.'
    : undefined
}
