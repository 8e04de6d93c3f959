// How much lies below a place, by prefix. Streams: holds the prefixes on the way to the current key, and nothing else.
import { HawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, Entry } from '../core/store.ts'
import { entryAt } from './look.ts'

/** What lies below one prefix, all levels together. */
export interface Usage extends Amount {
  readonly key: Key
  /** How many names below the place the prefix is. */
  readonly depth: number
  /** By storage class; '' stands for those of which the store tells none. */
  readonly classes: ReadonlyMap<string, Amount>
}

export interface Amount {
  readonly objects: number
  /** Of their contents. */
  readonly bytes: number
}

export interface UsageOptions extends CallOptions {
  /** Levels of prefixes below the place to tell, too; 0. */
  readonly depth?: number | undefined
  /** Told of each name that cannot be listed; without it the first one throws. */
  readonly onProblem?: ((error: Error) => void) | undefined
}

/**
 * The prefixes below the place, each before the one that it lies in; the place itself is the last.
 * @throws HawserError not-found where a name was given and nothing is there
 */
export async function* usage(place: Place, options: UsageOptions = {}): AsyncGenerator<Usage> {
  const { depth = 0, onProblem, signal, meter } = options
  const { store } = place
  const tree = asTree(place)
  const object = await entryAt(place, { signal, meter })
  const top = new Level(place.prefix, 0)
  if (object && object.kind !== 'directory') top.add(object)
  const open = [top]
  for await (const entry of store.list(tree.prefix, { onProblem, signal, meter })) {
    for (let last = open.at(-1); last && last !== top; last = open.at(-1)) {
      if (entry.key.startsWith(last.key)) break
      yield close(open, last)
    }
    levelOf(entry.key, open, tree.prefix, depth).add(entry)
  }
  for (let last = open.at(-1); last && last !== top; last = open.at(-1)) yield close(open, last)
  if (top.objects === 0 && !object && place.prefix !== '')
    throw new HawserError('not-found', 'nothing is there', {
      op: 'list',
      location: store.location,
      key: place.prefix,
    })
  yield top
}

/** The innermost level that the key counts for; opens those that are missing on the way to it. */
function levelOf(key: Key, open: Level[], prefix: Key, depth: number): Level {
  let level = open.at(-1) ?? new Level(prefix, 0)
  while (level.depth < depth) {
    const from = level.depth === 0 ? prefix.length : level.key.length
    const slash = key.indexOf('/', from)
    if (slash === -1) break
    level = new Level(toKey(key.slice(0, slash + 1)), level.depth + 1)
    open.push(level)
  }
  return level
}

/** What is in a prefix is in the one that it lies in, too. */
function close(open: Level[], last: Level): Usage {
  open.pop()
  open.at(-1)?.join(last)
  return last
}

class Level implements Usage {
  readonly key: Key
  readonly depth: number
  readonly classes: Map<string, { objects: number; bytes: number }> = new Map()
  objects = 0
  bytes = 0

  constructor(key: Key, depth: number) {
    this.key = key
    this.depth = depth
  }

  add({ size, storageClass = '' }: Entry): void {
    this.#count(storageClass, 1, size)
  }

  join({ classes }: Level): void {
    for (const [name, { objects, bytes }] of classes) this.#count(name, objects, bytes)
  }

  #count(storageClass: string, objects: number, bytes: number): void {
    this.objects += objects
    this.bytes += bytes
    const known = this.classes.get(storageClass)
    if (known === undefined) this.classes.set(storageClass, { objects, bytes })
    else {
      known.objects += objects
      known.bytes += bytes
    }
  }
}
