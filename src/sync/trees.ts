// The two trees of a run as streams of names in order.
import { isHawserError } from '../core/errors.ts'
import type { Place } from '../core/place.ts'
import type { Entry, ListOptions } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import { someMatching } from '../pattern/list.ts'
import type { Candidate } from './decide.ts'
import { mergeByName, noStream, type Stream } from './merge.ts'
import { entriesOfNames, missingName, type NameList, rowsOfNames } from './names.ts'
import type { Session } from './session.ts'
import type { PairRow } from '../state/types.ts'

/**
 * Both trees, and what the state knows of them, by name.
 * @param onAbsent called where the source is not there and that is no failure
 */
export function mergedTrees(
  session: Session,
  onAbsent: () => void = () => {},
): AsyncIterable<Candidate> {
  const { from, to, options } = session
  const listed = listedSource(session)
  const source = options.ignoreMissingArgs ? absentIsEmpty(listed, onAbsent) : listed
  return mergeByName(streamAt(from, source), streamAt(to, listedTarget(session)), {
    items: knownRows(session),
    prefix: '',
  })
}

function listedSource(session: Session): AsyncIterable<Entry> {
  const { from, options, names, matching, report, costs, transfer } = session
  const { signal } = transfer
  const how: ListOptions = {
    directories: options.archive ?? false,
    enter: entering(session, from, 'source'),
    onProblem: (error) => report.fail(error, { op: 'list', location: from.store.location }),
    signal,
    meter: costs.asking('source'),
  }
  if (names)
    return entriesOfNames(from, names, how, (name, found) =>
      foundUnder(session, names, name, found),
    )
  return matching
    ? someMatching('list', from, matching.pattern, { ...how, recursive: matching.recursive })
    : from.store.list(from.prefix, how)
}

function listedTarget(session: Session): AsyncIterable<Entry> {
  const { from, to, options, names, report, costs, transfer } = session
  const { signal } = transfer
  const how: ListOptions = {
    // On a disk, what is in a directory may be in the way of a file.
    directories: options.archive || !from.store.traits.hierarchical || to.store.traits.hierarchical,
    enter: entering(session, to, 'target'),
    // What the destination cannot name is never touched.
    onProblem: (error) => report.warn(error.message, placeOf(error)),
    signal,
    meter: costs.asking('target'),
  }
  const entries = names
    ? entriesOfNames(to, names, how, undefined, (name) => !names.isObject(name))
    : to.store.list(to.prefix, how)
  // A directory that is not there yet is made by the first file; a bucket must exist.
  const mayBeAbsent = to.store.traits.hierarchical || options.missingIsEmpty
  return mayBeAbsent ? absentIsEmpty(entries) : entries
}

/** What a listing could not tell of. */
function placeOf(error: Error): ObjectRef | undefined {
  if (!isHawserError(error)) return undefined
  const { location, key } = error
  return location && key !== undefined ? { location, key } : undefined
}

/** Keeps a walk from directories that the filters leave out. */
function entering(
  { filter }: Session,
  { prefix }: Place,
  side: 'source' | 'target',
): ListOptions['enter'] {
  return filter && ((directory) => filter.enters(directory.slice(prefix.length), side))
}

function foundUnder(
  { from, options, report }: Session,
  names: NameList,
  name: string,
  found: 'object' | 'nothing',
): void {
  names.note(name, found)
  if (found === 'nothing' && !options.ignoreMissingArgs && !options.deleteMissingArgs)
    report.fail(missingName(from, name), { op: 'list', location: from.store.location })
}

function knownRows({
  options,
  pair,
  names,
  transfer: { signal },
}: Session): AsyncIterable<PairRow> {
  const { pairs } = options.state
  return names ? rowsOfNames(pairs, pair, names, signal) : pairs.scan(pair, { signal })
}

/** The source as if nothing were at the destination. */
export function sourceAlone(session: Session): AsyncIterable<Candidate> {
  return mergeByName(streamAt(session.from, listedSource(session)), noStream(), noStream())
}

function streamAt<T>({ prefix }: Place, items: AsyncIterable<T>): Stream<T> {
  return { items, prefix }
}

async function* absentIsEmpty<T>(
  entries: AsyncIterable<T>,
  onAbsent: () => void = () => {},
): AsyncGenerator<T> {
  try {
    // Half the time of `yield*`.
    for await (const entry of entries) yield entry
  } catch (error) {
    if (!isHawserError(error) || error.code !== 'not-found') throw error
    onAbsent()
  }
}
