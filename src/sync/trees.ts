// The two trees of a run as streams of names in order.
import { isHawserError } from '../core/errors.ts'
import type { Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { Candidate } from './decide.ts'
import { mergeByName, type Named } from './merge.ts'
import type { SyncOptions } from './options.ts'
import type { Session } from './session.ts'

/** Both trees, and what the state knows of them, by name. */
export function mergedTrees(session: Session<SyncOptions>): AsyncIterable<Candidate> {
  const { from, to, options, pair, report, transfer } = session
  const { signal, meter } = transfer
  const targets = to.store.list(to.prefix, {
    directories: (options.archive ?? false) || !from.store.traits.hierarchical,
    // What the destination cannot name is never touched.
    onProblem: (error) => report.warn(error.message),
    signal,
    meter,
  })
  const merged = mergeByName(
    listedSource(session),
    named(absentIsEmpty(targets, to), to.prefix),
    namedRows(options.state.pairs.scan(pair, { signal })),
  )
  const realDirectories = to.store.traits.hierarchical && !from.store.traits.hierarchical
  return realDirectories ? withoutImpliedDirectories(merged) : merged
}

/**
 * Leaves out directories that only the destination lists, but that the source has something in: an object store need
 * not list a directory. Such a one is held back until something of the source comes below it, or nothing more can.
 */
export async function* withoutImpliedDirectories(
  candidates: AsyncIterable<Candidate>,
): AsyncGenerator<Candidate> {
  let held: Candidate[] = []
  for await (const candidate of candidates) {
    yield* held.filter(({ name }) => !candidate.name.startsWith(name))
    held = candidate.source ? [] : held.filter(({ name }) => candidate.name.startsWith(name))
    if (!candidate.source && candidate.target?.kind === 'directory') held.push(candidate)
    else yield candidate
  }
  yield* held
}

function listedSource({ from, options, report, transfer }: Session): AsyncIterable<Named<Entry>> {
  const { signal, meter } = transfer
  const onProblem = (error: Error): void =>
    report.fail(error, { op: 'list', location: from.store.location })
  const directories = options.archive ?? false
  return named(from.store.list(from.prefix, { directories, onProblem, signal, meter }), from.prefix)
}

async function* nothingNamed(): AsyncGenerator<never> {}

/** The source as if nothing were at the destination. */
export function sourceAlone(session: Session): AsyncIterable<Candidate> {
  return mergeByName(listedSource(session), nothingNamed(), nothingNamed())
}

async function* named(entries: AsyncIterable<Entry>, prefix: string): AsyncGenerator<Named<Entry>> {
  for await (const value of entries) {
    const name = value.key.slice(prefix.length)
    if (name !== '') yield { name, value }
  }
}

async function* namedRows<R extends { key: string }>(
  rows: AsyncIterable<R>,
): AsyncGenerator<Named<R>> {
  for await (const value of rows) yield { name: value.key, value }
}

/** A directory that is not there yet is made by the first file; a bucket must exist. */
async function* absentIsEmpty(
  entries: AsyncIterable<Entry>,
  { store }: Place,
): AsyncGenerator<Entry> {
  try {
    yield* entries
  } catch (error) {
    if (!(store.traits.hierarchical && isHawserError(error) && error.code === 'not-found'))
      throw error
  }
}
