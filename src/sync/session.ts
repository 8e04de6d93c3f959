// What all steps of one run share: its two places, memory, state and report; opened once, closed in the end.
import { Opened } from '../core/opened.ts'
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey, type Key } from '../core/key.ts'
import { arePlacesNested, asTree, type Place, placeId } from '../core/place.ts'
import type { Entry, StatOptions } from '../core/store.ts'
import type { Filter } from '../filter/types.ts'
import { openFilter } from './open-filter.ts'
import type { SeenObject } from '../core/work.ts'
import type { RunLock, Spool, State, TreePair } from '../state/types.ts'
import { BufferPool } from '../transfer/buffers.ts'
import type { TransferContext } from '../transfer/context.ts'
import { defaultThreshold } from '../delta/sizes.ts'
import { compressionContext } from '../transfer/compress/upload.ts'
import { canRebuild } from '../transfer/delta/download.ts'
import type { SignatureShelf } from '../transfer/delta/shelf.ts'
import { canStitch } from '../transfer/delta/upload.ts'
import { checkGiven } from '../transfer/description.ts'
import { defaultPartSize } from '../transfer/parts.ts'
import { Proofs } from '../transfer/proofs.ts'
import { Semaphore } from '../transfer/semaphore.ts'
import { type Rules, rulesOf } from './decide.ts'
import type { Pattern } from '../pattern/pattern.ts'
import { Costs } from './costs.ts'
import type { RunLimits } from './limits.ts'
import { NameList } from './names.ts'
import { defaultJobs, type SyncOptions, transferMemory } from './options.ts'
import { RunReport } from './report.ts'
import { signaturesOf } from './signatures.ts'

export interface Session extends AsyncDisposable {
  readonly from: Place
  readonly to: Place
  /** A copy leaves those out that only a sync has. */
  readonly options: SyncOptions
  readonly rules: Rules
  /** Undefined: nothing is left out. */
  readonly filter: Filter | undefined
  /** Undefined: all that lies below the source. */
  readonly matching: Matching | undefined
  /** Undefined: not only names that were given. */
  readonly names: NameList | undefined
  readonly limits: RunLimits
  readonly costs: Costs
  readonly jobs: number
  readonly report: RunReport
  readonly transfer: TransferContext
  /** Of the objects on both sides: they go where those go. */
  readonly signatures: { readonly source: SignatureShelf; readonly target: SignatureShelf }
  readonly pair: TreePair
  /** Undefined: names are as they are, whatever files had them before. */
  readonly renames: Renames | undefined
  /** Deferred work: what to remove, which directories to finish. */
  readonly spool: Spool
  /** Directories of the destination that were looked at, the latest ones, and when that is done: see unlock.ts. */
  readonly unlocked: Map<string, Promise<void>>
  readonly started: Date
  /** What is replaced must be what was listed; else a copy replaces whatever is there. */
  readonly guarded: boolean
  /** What a plan says is carried out, and nothing else: what is not as it was planned is left. */
  readonly pinned: boolean
  /** What is decided is noted for a plan. */
  readonly notes: boolean
  /** The last run on this destination was killed. */
  readonly holderDied: boolean
}

export interface Renames {
  /** Also from what never was the file, but has the same contents. */
  readonly byContent: boolean
  /** Other sources were brought to the destination, too, or to what it lies in, or has in it. */
  readonly shared: boolean
}

export interface SessionSettings {
  /** Of the command that the session is a part of. */
  readonly report: RunReport
  readonly limits: RunLimits
  /** Whether this run must be the only one on the tree `to`. */
  readonly exclusive: boolean
  /** See Session. */
  readonly guarded: boolean
  /** See Session. */
  readonly pinned?: boolean
  /** See Session. */
  readonly notes?: boolean
  /** See Session. */
  readonly matching?: Matching | undefined
}

/** Which names of the source are meant. */
export interface Matching {
  readonly pattern: Pattern
  /** Also what lies below directories that match. */
  readonly recursive: boolean
}

/** @throws HawserError conflict while another run writes to `to`; see checkGiven for what no object there can have */
export async function openSession(
  from: Place,
  to: Place,
  options: SyncOptions,
  settings: SessionSettings,
): Promise<Session> {
  const { report, limits, exclusive, guarded, pinned = false, notes = false, matching } = settings
  const target = asTree(to)
  const source = asTree(from)
  checkGiven(options, { location: target.store.location, key: target.prefix }, target.store)
  checkCompression(options, source, target)
  const pair = { source: placeId(source), target: placeId(target) }
  const { state, signal, partSize } = options
  const jobs = options.jobs ?? defaultJobs
  const filter = await openFilter(options, source, options)
  const buffers = new BufferPool(transferMemory, largestBuffer(options))
  const costs = new Costs(source.store, target.store, options, report.meter, buffers.largest)
  report.accountFor(costs)
  await using opened = new Opened()
  const { meter } = costs
  const { threshold = defaultThreshold, average, sidecars } = options.delta || {}
  const shelf = { report, known: state.signatures, threshold, sidecars, signal, meter }
  const signatures = {
    source: signaturesOf(source.store, shelf),
    target: signaturesOf(target.store, { ...shelf, encryption: options.properties?.encryption }),
  }
  const signed =
    options.delta === false || options.compress ? undefined : signedSide(source, target, signatures)
  const lock = exclusive && !report.dryRun ? opened.use(await lockOf(state, target)) : undefined
  const spool = opened.use(await state.spool())
  const closing = opened.move()
  return {
    from: source,
    to: target,
    options,
    rules: rulesOf(options, source.store.traits, target.store.traits),
    filter,
    matching,
    names: options.filesFrom && new NameList(options.filesFrom),
    limits,
    costs,
    jobs,
    report,
    guarded,
    pinned,
    notes,
    pair,
    renames: guarded ? await renamesOf(source, target, pair, options, pinned) : undefined,
    spool,
    unlocked: new Map(),
    started: new Date(),
    holderDied: lock?.holderDied ?? false,
    transfer: {
      source: source.store,
      target: target.store,
      buffers,
      lanes: new Semaphore(jobs),
      journal: report.dryRun ? undefined : state.journal,
      partSize,
      proofs: new Proofs(),
      verify: options.verify,
      pinned,
      compression:
        options.compress &&
        compressionContext(options.compress, {
          budget: transferMemory,
          largest: buffers.largest,
          jobs,
        }),
      delta: signed && { threshold, average, shelf: signed },
      asking: costs.asking('target'),
      onCare(care) {
        costs.planned.prove(care)
        costs.done.prove(care)
      },
      onWarning: (message, at) => report.warn(message, at),
      signal,
      meter,
    },
    signatures,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  }
}

/**
 * Only of files, which have an identity of their own, and where the destination can copy by itself.
 * @param pinned a plan tells of them, whatever the state knows
 */
async function renamesOf(
  from: Place,
  to: Place,
  pair: TreePair,
  { renames = true, dedupeCopy = true, state }: SyncOptions,
  pinned: boolean,
): Promise<Renames | undefined> {
  if (!renames || !from.store.traits.hierarchical || !to.store.copy?.accepts(to.store))
    return undefined
  const { pairs } = state
  if (!pinned && (await pairs.isEmpty(pair))) return undefined
  const shared = (await pairs.all()).some(
    ({ source, target }) => source !== pair.source && arePlacesNested(target, pair.target),
  )
  return { byContent: dedupeCopy, shared }
}

/** @throws HawserError invalid-argument, unsupported for what would be ignored */
function checkCompression(
  { compress, properties, verify }: SyncOptions,
  from: Place,
  to: Place,
): void {
  if (compress === undefined) return
  const at = { op: 'copy', location: to.store.location, key: to.prefix }
  if (!from.store.traits.hierarchical || to.store.traits.hierarchical)
    throw new HawserError('unsupported', 'files are compressed on their way to an object store', {
      ...at,
      hint: 'Leave -z out: objects go as they are, and compressed ones become files again.',
    })
  if (properties?.contentEncoding !== undefined)
    throw new HawserError('invalid-argument', 'compression gives objects their Content-Encoding', {
      ...at,
      hint: 'Leave out -z for bytes that are encoded already, or --content-encoding.',
    })
  if (verify)
    throw new HawserError('unsupported', 'what is compressed is not read back', {
      ...at,
      hint: 'Leave out -z, or --verify.',
    })
}

/** The signatures that deltas of the run go by; undefined: objects go whole. */
function signedSide(
  from: Place,
  to: Place,
  { source, target }: Session['signatures'],
): SignatureShelf | undefined {
  if (canStitch(to.store)) return target
  return canRebuild(from.store, to.store) ? source : undefined
}

function largestBuffer({ partSize = defaultPartSize }: SyncOptions): number {
  return Math.min(Math.max(partSize, defaultPartSize), 2 * defaultPartSize)
}

export function sourceKey(session: Session, name: string): Key {
  return joinKey(session.from.prefix, name)
}
export function targetKey(session: Session, name: string): Key {
  return joinKey(session.to.prefix, name)
}

/** How a source is looked at for what of it is to be kept. */
export function attributesAsked({ options, transfer }: Session): StatOptions {
  const { signal, meter } = transfer
  const { archive = false, xattrs = false } = options
  return { owners: archive, xattrs: archive && xattrs, signal, meter }
}

/** The entry as plain data: what was seen, and where. */
export function seenAt(place: Place, entry: Entry): SeenObject {
  const { key, kind, size, etag, version, modified } = entry
  return { location: place.store.location, key, kind, size, etag, version, modified }
}

/** What a run left out because of its limits is one failure of it. */
export function tellLimits(limits: RunLimits, report: RunReport, to: Place): void {
  const failure = limits.failure({ location: to.store.location, key: to.prefix })
  if (failure) report.fail(failure, { op: 'sync' })
}

/** One run at a time at the place. @throws HawserError conflict */
export async function lockOf(state: State, { store, prefix }: Place): Promise<RunLock> {
  try {
    return await state.lock(placeId({ store, prefix }))
  } catch (error) {
    throw isHawserError(error) && error.op === 'lock'
      ? error.with({ location: store.location, key: prefix })
      : error
  }
}
