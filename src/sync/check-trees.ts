// What a check is about: the names of one tree, or of two in their order.
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { CallOptions, Entry } from '../core/store.ts'
import type { Candidate } from './decide.ts'
import { entryAt } from './look.ts'
import { mergeByName, noStream } from './merge.ts'

/** Told of a name that cannot be listed, and where. */
export type OnListingProblem = (error: Error, place: Place) => void

/**
 * All that lies below `a`, and below `b` where there is one; of an object, itself and the object of `b`'s name, or of
 * its own name below `b`.
 * @throws HawserError not-found from the candidates, where nothing is at `a`
 */
export async function candidatesAt(
  a: Place,
  b: Place | undefined,
  onProblem: OnListingProblem,
  call: CallOptions,
): Promise<AsyncIterable<Candidate>> {
  const object = await entryAt(a, call)
  if (object && object.kind !== 'directory') {
    const name = a.prefix.slice(a.prefix.lastIndexOf('/') + 1)
    const target = b && (await partner(name, b, call))
    return one({ name, source: object, target, row: undefined })
  }
  const entries = listed(asTree(a), onProblem, call)
  const items = object || a.prefix === '' ? entries : orMissing(entries, a)
  const source = { items, prefix: asTree(a).prefix }
  if (!b) return mergeByName(source, noStream(), noStream())
  const others = absentIsEmpty(listed(asTree(b), onProblem, call), b)
  return mergeByName(source, { items: others, prefix: asTree(b).prefix }, noStream())
}

/** The object that one of this name is compared with. */
async function partner(name: string, b: Place, call: CallOptions): Promise<Entry | undefined> {
  const found = await entryAt(b, call)
  const isTree = found?.kind === 'directory' || b.prefix === '' || b.prefix.endsWith('/')
  if (!isTree) return found
  return entryAt({ store: b.store, prefix: joinKey(asTree(b).prefix, name) }, call)
}

function listed(
  place: Place,
  onProblem: OnListingProblem,
  { signal, meter }: CallOptions,
): AsyncIterable<Entry> {
  const told = (error: Error): void => onProblem(error, place)
  return place.store.list(place.prefix, { onProblem: told, signal, meter })
}

async function* orMissing(
  items: AsyncIterable<Entry>,
  { store, prefix }: Place,
): AsyncGenerator<Entry> {
  let empty = true
  for await (const item of items) {
    if (item.key !== `${prefix}/`) empty = false
    yield item
  }
  if (empty)
    throw new HawserError('not-found', 'nothing is there', {
      op: 'check',
      location: store.location,
      key: prefix,
    })
}

/** A directory that is not there lacks everything; a bucket must exist. */
async function* absentIsEmpty<T>(items: AsyncIterable<T>, { store }: Place): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    const isAbsent = isHawserError(error) && error.code === 'not-found'
    if (!store.traits.hierarchical || !isAbsent) throw error
  }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
