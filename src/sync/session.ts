// What all steps of one run share: its two places, memory, state and report; opened once, closed in the end.
import { Opened } from '../core/opened.ts'
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey, type Key } from '../core/key.ts'
import { locationId } from '../core/location.ts'
import { asTree, type Place, placeId } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { SeenObject } from '../core/work.ts'
import type { RunLock, Spool, State, TreePair } from '../state/types.ts'
import { BufferPool } from '../transfer/buffers.ts'
import type { TransferContext } from '../transfer/context.ts'
import { defaultPartSize } from '../transfer/parts.ts'
import { Semaphore } from '../transfer/semaphore.ts'
import { defaultJobs, transferMemory, type TransferOptions } from './options.ts'
import { RunReport } from './report.ts'

export interface Session<
  Options extends TransferOptions = TransferOptions,
> extends AsyncDisposable {
  readonly from: Place
  readonly to: Place
  readonly options: Options
  readonly jobs: number
  readonly report: RunReport
  readonly transfer: TransferContext
  readonly pair: TreePair
  /** Deferred work: what to remove, which directories to finish. */
  readonly spool: Spool
  readonly started: Date
  /** The last run on this destination was killed. */
  readonly holderDied: boolean
}

/**
 * @param exclusive whether this run must be the only one on the tree `to`
 * @throws HawserError conflict while another run writes to it
 */
export async function openSession<Options extends TransferOptions>(
  from: Place,
  to: Place,
  options: Options,
  report: RunReport = new RunReport(options),
  exclusive = true,
): Promise<Session<Options>> {
  const target = asTree(to)
  const source = asTree(from)
  const pair = { source: placeId(source), target: placeId(target) }
  const { state, signal, partSize } = options
  const jobs = options.jobs ?? defaultJobs
  await using opened = new Opened()
  const lock = exclusive && !report.dryRun ? opened.use(await lockOf(state, target)) : undefined
  const spool = opened.use(await state.spool())
  const parts = Math.max(partSize ?? defaultPartSize, defaultPartSize)
  const largest = Math.min(parts, 2 * defaultPartSize)
  const closing = opened.move()
  return {
    from: source,
    to: target,
    options,
    jobs,
    report,
    pair,
    spool,
    started: new Date(),
    holderDied: lock?.holderDied ?? false,
    transfer: {
      source: source.store,
      target: target.store,
      buffers: new BufferPool(transferMemory, largest),
      lanes: new Semaphore(jobs),
      journal: report.dryRun ? undefined : state.journal,
      partSize,
      signal,
      meter: report.meter,
    },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  }
}

/**
 * A tree that is copied into itself would never end, and one that removes what is around it would remove itself.
 * @throws HawserError invalid-argument
 */
export function refuseOverlap(
  from: Place,
  to: Place,
  options: { delete?: boolean | undefined },
): void {
  const source = pathOf(from)
  const target = pathOf(to)
  const refuse = (why: string): HawserError =>
    new HawserError('invalid-argument', why, {
      op: 'sync',
      location: to.store.location,
      key: to.prefix,
    })
  if (serviceOf(from) !== serviceOf(to)) return
  if (source === target) throw refuse('source and destination are the same')
  if (target.startsWith(source)) throw refuse('the destination is inside the source')
  if (options.delete && isWithin(from, to))
    throw refuse('the source is inside the destination, where it would be removed')
}

/** Whether the one place is the other, or lies in it. */
export function isWithin(inner: Place, outer: Place): boolean {
  return serviceOf(inner) === serviceOf(outer) && pathOf(inner).startsWith(pathOf(outer))
}

function serviceOf({ store }: Place): string {
  return locationId({ ...store.location, root: '' })
}

/** The place's path within its service, the same however the address was cut into store and prefix. */
function pathOf({ store, prefix }: Place): string {
  return `${`${store.location.root.replace(/\/+$/, '')}/${prefix}`.replace(/\/+$/, '')}/`
}

export function sourceKey(session: Session, name: string): Key {
  return joinKey(session.from.prefix, name)
}
export function targetKey(session: Session, name: string): Key {
  return joinKey(session.to.prefix, name)
}

/** The entry as plain data: what was seen, and where. */
export function seenAt(place: Place, entry: Entry): SeenObject {
  const { key, kind, size, etag, version, modified } = entry
  return { location: place.store.location, key, kind, size, etag, version, modified }
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
