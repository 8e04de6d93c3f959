// `sync`, `plan`, `apply`, `copy`, `move`, `check`, `list`, `status` and `runs` by addresses: what the library offers on
// top of places.
import { Opened } from './core/opened.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { treeAddress } from './address.ts'
import { version } from './config/version.ts'
import type { Entry, ListOptions } from './core/store.ts'
import { open, type OpenOptions } from './open.ts'
import { type PatternOptions, splitAddress } from './pattern/address.ts'
import { listMatching } from './pattern/list.ts'
import { type PlaceOptions, sharedPlaces } from './places.ts'
import { hasState, openState, type RunRecord } from './state/state.ts'
import { neverSynced, type StatusAt, statusRows, syncedOf } from './status.ts'
import {
  check as checkPlaces,
  type CheckOptions as PlaceCheckOptions,
  checkRecorded,
} from './sync/check.ts'
import type { CheckResult } from './sync/check-report.ts'
import { copy as copyPlaces, type CopyOptions as PlaceCopyOptions } from './sync/copy.ts'
import { move as movePlaces } from './sync/move.ts'
import type { SyncOptions as PlaceSyncOptions } from './sync/options.ts'
import { apply as applyPlaces, type ApplyOptions as PlaceApplyOptions } from './sync/plan/apply.ts'
import { PlanFile, writePlan } from './sync/plan/file.ts'
import { plan as planPlaces, type PlanOptions as PlacePlanOptions } from './sync/plan/plan.ts'
import type { RunResult } from './sync/report.ts'
import type { StatusOptions as PlaceStatusOptions } from './sync/status.ts'
import { sync as syncPlaces } from './sync/sync.ts'

type Connection = Omit<OpenOptions, 'meter' | 'signal'>

interface RunOptions extends Connection {
  /** A directory for what runs know; without it nothing is kept from one run to the next, and nothing is resumed. */
  readonly stateDir?: string | undefined
}
export interface SyncOptions extends RunOptions, Omit<PlaceSyncOptions, 'state'> {}
export interface PlanOptions extends RunOptions, Omit<PlacePlanOptions, 'state' | 'hawser'> {}
export interface ApplyOptions extends RunOptions, Omit<PlaceApplyOptions, 'state' | 'backupDir'> {}
export interface CopyOptions extends RunOptions, Omit<PlaceCopyOptions, 'state'> {}
export interface CheckOptions extends Connection, PlaceCheckOptions {}
export interface ListAddressOptions extends Connection, ListOptions, PatternOptions {
  /** With a pattern, also all that lies below a directory that matches. */
  readonly recursive?: boolean | undefined
}
/** Of runs with the same `stateDir`. */
export interface StatusOptions extends Omit<PlaceStatusOptions, 'state' | 'meter'> {
  readonly stateDir: string
}
export interface RunsOptions {
  readonly stateDir: string
  /** So many, the newest ones; 1,000 are remembered. */
  readonly limit?: number | undefined
}

/**
 * Makes the tree at `to` like the tree at `from`.
 * @returns totals, and the failures of single objects: it rejects only when the run as a whole cannot go on
 * @throws HawserError
 */
export async function sync(
  from: string,
  to: string,
  options: SyncOptions = {},
): Promise<RunResult> {
  await using opened = new Opened()
  const place = sharedPlaces(options, opened)
  const source = await place(treeAddress(from), { followLinks: options.links === 'copy' })
  const target = await place(treeAddress(to))
  return await syncPlaces(source, target, { ...options, state: await stateOf(options, opened) })
}

/**
 * Writes to `file` what `sync` would do; where something failed, nothing.
 * @returns totals, and the failures of single objects
 * @throws HawserError
 */
export async function plan(
  from: string,
  to: string,
  file: string,
  options: PlanOptions = {},
): Promise<RunResult> {
  await using opened = new Opened()
  const place = sharedPlaces(options, opened)
  const source = await place(treeAddress(from), { followLinks: options.links === 'copy' })
  const target = await place(treeAddress(to))
  const settings = { ...options, hawser: version, state: await stateOf(options, opened) }
  return await planPlaces(source, target, settings, (header, lines) =>
    writePlan(file, header, lines),
  )
}

/**
 * Does what the plan in `file` says. What is no longer as it was planned is a failure, and is left.
 * @returns totals, and the failures of single objects
 * @throws HawserError
 */
export async function apply(file: string, options: ApplyOptions = {}): Promise<RunResult> {
  await using opened = new Opened()
  const read = opened.use(await PlanFile.open(file, options.signal))
  const { from, to, settings } = read.header
  const place = sharedPlaces(options, opened)
  const source = await place(treeAddress(from.address), { followLinks: settings.links === 'copy' })
  const target = await place(treeAddress(to.address))
  const backupDir = settings.backupDir && (await place(treeAddress(settings.backupDir)))
  const state = await stateOf(options, opened)
  return await applyPlaces(source, target, read, {
    ...options,
    backupDir: backupDir || undefined,
    state,
  })
}

/**
 * Copies objects, and with `recursive` trees, to `to`.
 * @returns totals, and the failures of single objects
 * @throws HawserError
 */
export async function copy(
  from: string | readonly string[],
  to: string,
  options: CopyOptions = {},
): Promise<RunResult> {
  return await runSources(from, to, options, {
    source: { followLinks: options.links === 'copy' },
    target: {},
    run: copyPlaces,
  })
}

/**
 * Moves objects, and with `recursive` trees, to where `copy` copies them: what changes meanwhile stays.
 * @returns totals, and the failures of single objects
 * @throws HawserError
 */
export async function move(
  from: string | readonly string[],
  to: string,
  options: CopyOptions = {},
): Promise<RunResult> {
  return await runSources(from, to, options, {
    source: { asEntry: true, fromRoot: true },
    target: { fromRoot: true },
    run: movePlaces,
  })
}

/**
 * Compares what lies at `a` with what lies at `b`; without a `b`, with the digests that the store of `a` recorded.
 * @returns totals, and what is not as it should be
 * @throws HawserError
 */
export async function check(
  a: string,
  b: string | undefined,
  options: CheckOptions = {},
): Promise<CheckResult> {
  await using opened = new Opened()
  const place = sharedPlaces(options, opened)
  const from = await place(a)
  return b === undefined
    ? await checkRecorded(from, options)
    : await checkPlaces(from, await place(b), options)
}

/**
 * Entries whose keys begin with the address's key, or that match where it is a pattern, in the store's order. Streams:
 * holds one page at a time, of each level of a pattern.
 * @throws HawserError
 */
export async function* list(text: string, options: ListAddressOptions = {}): AsyncGenerator<Entry> {
  const { address, pattern } = splitAddress(text, options)
  await using place = await open(address, options)
  if (pattern) yield* listMatching(place, pattern, options)
  else yield* place.store.list(place.prefix, options)
}

/**
 * What changed in a directory since it was synced, for `to`, or for each place that it was synced to: `begin`, a `change`
 * for each name, and `totals`. Asks no service and reads no file.
 * @throws HawserError not-found where it was never synced
 */
export async function* status(
  from: string,
  to: string | undefined,
  { stateDir, ...options }: StatusOptions,
): AsyncGenerator<StatusAt> {
  await using opened = new Opened()
  const place = sharedPlaces({ signal: options.signal }, opened)
  const source = await place(treeAddress(from), { followLinks: options.links === 'copy' })
  if (!hasState(stateDir)) throw neverSynced(source, to)
  const state = opened.use(await openState(stateDir))
  const synced = await syncedOf(state, source, to, place)
  yield* statusRows(source, synced, { ...options, state })
}

/** The runs with this `stateDir`, the newest first, with what they came to. */
export async function* runs({ stateDir, limit = 20 }: RunsOptions): AsyncGenerator<RunRecord> {
  if (!hasState(stateDir)) return
  await using state = await openState(stateDir)
  yield* state.runs.list(limit)
}

/** How the places of a run are opened, and what is done between them. */
interface SourcesRun {
  readonly source: PlaceOptions
  readonly target: PlaceOptions
  readonly run: typeof copyPlaces
}

async function runSources(
  from: string | readonly string[],
  to: string,
  options: CopyOptions,
  { source, target, run }: SourcesRun,
): Promise<RunResult> {
  await using opened = new Opened()
  const place = sharedPlaces(options, opened)
  const addresses = typeof from === 'string' ? [from] : from
  const sources = await Promise.all(addresses.map((address) => place(address, source)))
  const destination = await place(to, target)
  return await run(sources, destination, { ...options, state: await stateOf(options, opened) })
}

async function stateOf({ stateDir }: RunOptions, opened: Opened) {
  if (stateDir !== undefined) return opened.use(await openState(stateDir))
  const directory = await mkdtemp(join(tmpdir(), 'hawser-state-'))
  opened.use({ [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) })
  return opened.use(await openState(directory))
}
