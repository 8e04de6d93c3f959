// Compares two trees, or one with the digests that its store recorded, and changes nothing.
import { asHawserError } from '../core/errors.ts'
import type { EventSink } from '../core/events.ts'
import type { RunMeter } from '../core/meter.ts'
import { addressOfPlace, asTree, type Place } from '../core/place.ts'
import { checkSignal } from '../core/signal.ts'
import type { Entry } from '../core/store.ts'
import type { FilterOptions } from '../filter/types.ts'
import { BufferPool } from '../transfer/buffers.ts'
import type { DigestContext } from '../transfer/digest.ts'
import { withSizes } from './archived-size.ts'
import { compare, type HowToCompare } from './check-contents.ts'
import { audit } from './check-recorded.ts'
import { largestPiece } from './check-read.ts'
import { CheckReport, type CheckResult } from './check-report.ts'
import { candidatesAt } from './check-trees.ts'
import type { Candidate } from './decide.ts'
import type { Side } from './evidence.ts'
import { inOrder } from './in-order.ts'
import { defaultJobs, transferMemory } from './options.ts'
import { openFilter } from './open-filter.ts'
import { filteredBy } from './selected.ts'
import { seenAt } from './session.ts'

/** What is left out is not looked at. */
export interface AuditOptions extends FilterOptions {
  /** Objects looked at at once; 32 unless given. */
  readonly jobs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: EventSink | undefined
  readonly meter?: RunMeter | undefined
}

export interface CheckOptions extends AuditOptions {
  /** What only B has is no difference. */
  readonly oneWay?: boolean | undefined
  /** Equal sizes are enough. */
  readonly sizeOnly?: boolean | undefined
  /** Read both sides and compare their bytes, whatever digests are known. */
  readonly download?: boolean | undefined
}

/**
 * Compares what lies at `a` with what lies at `b`, by name: objects are equal where their bytes are.
 * @throws HawserError only where the check as a whole cannot go on: not-found for an `a` that is not there
 */
export async function check(a: Place, b: Place, options: CheckOptions = {}): Promise<CheckResult> {
  const { oneWay = false, sizeOnly, download } = options
  const how = download ? 'bytes' : sizeOnly ? 'size' : 'digest'
  return checkEach(a, b, options, async (candidate, run) => {
    const { name } = candidate
    const { source, target } = how === 'size' ? candidate : withSizes(a, b, candidate)
    if (source && target) return compareBoth(name, sideOf(a, source), sideOf(b, target), how, run)
    if (source) return onlyIn('only-in-a', name, sideOf(a, source), run)
    return target && !oneWay ? onlyIn('only-in-b', name, sideOf(b, target), run) : nothingToTell
  })
}

/**
 * Reads each object that lies at the place, and compares it with what its store recorded of it.
 * @throws HawserError only where the check as a whole cannot go on: not-found for a place that is not there
 */
export async function checkRecorded(
  place: Place,
  options: AuditOptions = {},
): Promise<CheckResult> {
  return checkEach(place, undefined, options, async ({ name, source }, run) =>
    source ? auditOne(name, sideOf(place, source), run) : nothingToTell,
  )
}

/** What objects are checked with. */
interface Run {
  readonly report: CheckReport
  readonly context: DigestContext
}

/** Tells what was found; called in the order of the names. */
type Tell = () => void
const nothingToTell: Tell = () => {}

/** Results that may wait for that of an earlier name. */
const ahead = 1000

async function checkEach(
  a: Place,
  b: Place | undefined,
  options: AuditOptions,
  look: (candidate: Candidate, run: Run) => Promise<Tell>,
): Promise<CheckResult> {
  const { jobs = defaultJobs, signal } = options
  const report = new CheckReport(options)
  const buffers = new BufferPool(transferMemory, largestPiece)
  const context = { buffers, signal, meter: report.meter }
  report.start(addressOfPlace(a), b && addressOfPlace(b))
  const onProblem = (error: Error, { store: { location }, prefix }: Place): void =>
    report.failListing(error, { location, key: prefix })
  const call = { signal, meter: report.meter }
  const filter = await openFilter(options, asTree(a), call)
  const all = await candidatesAt(a, b, onProblem, call)
  const chosen = filter ? filteredBy(filter, all) : all
  const planned = plan(withoutDirectories(chosen, a, b), report, a)
  for await (const tell of inOrder(planned, { limit: jobs, ahead }, (candidate) =>
    look(candidate, { report, context }),
  ))
    tell()
  return report.finish()
}

/** Directories of a file system are none of a check's business: an object store need not have them. */
async function* withoutDirectories(
  candidates: AsyncIterable<Candidate>,
  a: Place,
  b: Place | undefined,
): AsyncGenerator<Candidate> {
  const realDirectories = a.store.traits.hierarchical || b?.store.traits.hierarchical
  for await (const candidate of candidates) {
    const { source, target } = candidate
    if (realDirectories && (source ?? target)?.kind === 'directory') continue
    yield candidate
  }
}

async function* plan(
  candidates: AsyncIterable<Candidate>,
  report: CheckReport,
  a: Place,
): AsyncGenerator<Candidate> {
  let empty = true
  for await (const candidate of candidates) {
    empty = false
    report.plan((candidate.source ?? candidate.target)?.size ?? 0)
    yield candidate
  }
  report.planComplete()
  if (empty) report.warn('there is nothing to check', { location: a.store.location, key: a.prefix })
}

async function compareBoth(
  name: string,
  a: Side,
  b: Side,
  how: HowToCompare,
  run: Run,
): Promise<Tell> {
  const { report } = run
  if (a.entry.kind === 'special' || b.entry.kind === 'special') return skip(name, a, run)
  return attempt(name, b, run, async (context) => {
    const { same, ...details } = await compare(a, b, how, context)
    const { size } = a.entry
    return () => report.found(same ? 'equal' : 'differs', b.seen, { name, size, ...details })
  })
}

/** A link on one side alone is no difference: it is copied only where that is asked for. */
function onlyIn(verdict: 'only-in-a' | 'only-in-b', name: string, side: Side, run: Run): Tell {
  if (isSkipped(side)) return skip(name, side, run)
  return () => run.report.found(verdict, side.seen, { name, size: side.entry.size })
}

function isSkipped({ entry: { kind } }: Side): boolean {
  return kind === 'symlink' || kind === 'special'
}

function skip(name: string, { entry, seen }: Side, { report }: Run): Tell {
  const reason = entry.kind === 'symlink' ? 'a symbolic link' : 'not a regular file'
  return () => report.found('skipped', seen, { name, size: entry.size, reason })
}

async function auditOne(name: string, side: Side, run: Run): Promise<Tell> {
  if (isSkipped(side)) return skip(name, side, run)
  return attempt(name, side, run, async (context) => {
    const { verdict, ...details } = await audit(side, context)
    const { size } = side.entry
    return () => run.report.found(verdict, side.seen, { name, size, ...details })
  })
}

/** A failure of one object is reported and stops no other. */
async function attempt(
  name: string,
  { seen }: Side,
  { report, context }: Run,
  look: (context: DigestContext) => Promise<Tell>,
): Promise<Tell> {
  const { signal } = context
  const at = { op: 'check', location: seen.location, key: seen.key }
  checkSignal(signal, at)
  try {
    return await look({ ...context, onProgress: report.progressOf(seen, seen.size) })
  } catch (error) {
    if (signal?.aborted) throw asHawserError(error, at)
    return () => report.fail(error, seen, { name, size: seen.size })
  }
}

function sideOf(place: Place, entry: Entry): Side {
  return { store: place.store, seen: seenAt(place, entry), entry }
}
