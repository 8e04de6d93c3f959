// The steps of a thaw: what is archived is noted on disk, priced, asked for, and looked at until it can be read.
import { setTimeout as timer } from 'node:timers/promises'
import { asHawserError, type ErrorCode, HawserError, isHawserError } from '../core/errors.ts'
import type { RestoreTotals } from '../core/events.ts'
import { formatAddress, locationId } from '../core/location.ts'
import { abortError, checkSignal } from '../core/signal.ts'
import type { Archive, ArchiveState, CallOptions, Entry, KeyRef, ThawTier } from '../core/store.ts'
import { RestoreEstimate } from '../cost/restore.ts'
import type { Spool } from '../state/types.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { archivedBelow, archiveOf, type ArchivedEntry, type ArchivePlace } from './archives.ts'
import { countOf } from './count.ts'
import { defaultJobs, type TransferOptions } from './options.ts'
import type { CutShort } from './history.ts'
import { formatEntry, parseEntry } from './spooled.ts'
import { toKey } from '../core/key.ts'

export interface RestoreOptions extends Pick<
  TransferOptions,
  'state' | 'prices' | 'dryRun' | 'jobs' | 'signal' | 'onEvent' | 'meter'
> {
  readonly tier: ThawTier
  /** Whole days to stay readable. */
  readonly days: number
  /** Take all that lies below. */
  readonly recursive?: boolean | undefined
  /** Only what earlier runs met and left. */
  readonly remembered?: boolean | undefined
  /** Until all can be read. */
  readonly wait?: boolean | undefined
  /** In the currency of the prices: what costs more is refused. */
  readonly maxCost?: number | undefined
  readonly sleep?:
    | ((milliseconds: number, signal: AbortSignal | undefined) => Promise<void>)
    | undefined
}

export interface RestoreResult {
  readonly totals: RestoreTotals
  readonly failures: readonly HawserError[]
}

const toThaw = 'thaw'
const toAwait = 'await'
const day = 86_400_000

export class RestoreRun {
  readonly #options: RestoreOptions
  readonly #jobs: number
  readonly #failures: HawserError[] = []
  readonly #started = performance.now()
  #estimates: RestoreEstimate[] = []
  #counts = { asked: 0, bytes: 0, thawing: 0, readable: 0, thawed: 0, failed: 0 }
  #planned = { objects: 0, bytes: 0 }
  /** Objects that are still to be waited for. */
  #waited = 0
  #waits = false
  #inDoubt = false

  constructor(options: RestoreOptions) {
    this.#options = options
    this.#jobs = options.jobs ?? defaultJobs
  }

  start(from: string, run: string | undefined): void {
    const { onEvent, dryRun = false } = this.#options
    onEvent?.({ type: 'start', command: 'restore', from, to: undefined, dryRun, run })
  }

  /** Notes what is to be asked for and waited for, on disk: there may be any number. */
  async survey(place: ArchivePlace, spool: Spool): Promise<void> {
    const { state, tier, recursive = false, remembered = false, signal, meter } = this.#options
    const archive = archiveOf(place)
    const estimate = new RestoreEstimate(place.store.location, this.#options)
    this.#estimates.push(estimate)
    const call = {
      archives: state.archives,
      jobs: this.#jobs,
      recursive,
      remembered,
      signal,
      meter,
    }
    for await (const found of archivedBelow(place, call)) {
      const entry = asEntry(found)
      const { kind } = found.state
      const left = daysLeft(found)
      if (left !== undefined) this.#counts.readable++
      if (left !== undefined && left >= this.#options.days) continue
      if (kind === 'thawing') this.#counts.thawing++
      else if (!archive.takes(tier, entry.storageClass)) {
        this.#fail(hasNoTier(place, entry, tier))
        continue
      } else {
        estimate.add(entry.size, entry.storageClass, left)
        this.#planned.objects++
        this.#planned.bytes += entry.size
        await spool.push(toThaw, entry.key, formatEntry(entry))
      }
      this.#waited++
      await spool.push(toAwait, entry.key, formatEntry(entry))
    }
  }

  /** @throws HawserError guard */
  tellCost(): void {
    const { onEvent, tier, days, maxCost, wait, dryRun } = this.#options
    const { objects, bytes } = this.#planned
    const { thawing, readable } = this.#counts
    const costs = this.#estimates.flatMap(({ cost }) => cost ?? [])
    const [first] = costs
    // Where a price is not known, the sum is not either.
    const cost =
      first && costs.length === this.#estimates.length
        ? {
            requests: sum(costs.map((one) => one.requests)),
            retrieval: sum(costs.map((one) => one.retrieval)),
            storage: sum(costs.map((one) => one.storage)),
            total: sum(costs.map((one) => one.total)),
            currency: first.currency,
          }
        : undefined
    onEvent?.({ type: 'restore-plan', objects, bytes, thawing, readable, tier, days, cost })
    // What is waited for is done a second time.
    const waits = wait && !dryRun ? this.#waited : 0
    onEvent?.({ type: 'plan', objects: objects + waits, bytes, complete: true })
    if (maxCost === undefined || objects === 0) return
    if (cost && cost.total <= maxCost) return
    const found = cost ? `${exactly(cost.total)} ${cost.currency}` : 'unknown: no prices are known'
    throw new HawserError(
      'guard',
      `refusing to thaw: --max-cost is ${maxCost}, the cost is ${found}`,
      {
        op: 'thaw',
        hint: cost ? 'Raise --max-cost, or take a slower --tier.' : 'Give prices with --prices.',
      },
    )
  }

  async ask(place: ArchivePlace, spool: Spool): Promise<void> {
    const { dryRun = false, tier, days, signal, meter, state } = this.#options
    const archive = archiveOf(place)
    const id = locationId(place.store.location)
    await this.#each(place, spool, toThaw, async (entry) => {
      const { key, size, etag, version, storageClass } = entry
      if (!dryRun) {
        await archive.thaw({ key, etag, version }, { tier, days, signal, meter })
        const noted = new Date()
        const known = { key, size, etag, version, storageClass, noted, command: 'restore' }
        if (!(await state.archives.get(id, key))) await state.archives.note(id, known)
        await state.archives.update(id, key, { requested: noted, tier, days, until: undefined })
      }
      this.#counts.asked++
      this.#counts.bytes += size
      this.#done('thaw', place, entry)
    })
  }

  /** What is done is looked at once; on what is not, everything waits that comes after it. */
  async wait(place: ArchivePlace, spool: Spool): Promise<void> {
    const { signal, meter, sleep = pause } = this.#options
    const archive = archiveOf(place)
    this.#waits = true
    await this.#each(place, spool, toAwait, async (entry) => {
      const { key, version } = entry
      for (let waited = leastWait; ; waited = Math.min(waited * 1.5, mostWait)) {
        const kind = await this.#stateOf(archive, { key, version }, { signal, meter })
        if (kind === 'readable' || kind === 'thawed') break
        if (kind === 'archived')
          throw new HawserError('conflict', 'archived again before it was seen to be readable', {
            op: 'thaw',
            location: place.store.location,
            key,
            hint: 'Ask for more --days.',
          })
        await sleep(waited, signal)
      }
      this.#counts.thawed++
      this.#waited--
      this.#done('thawed', place, entry)
    })
  }

  /** A service that does not answer for a while ends no waiting of days: undefined then. */
  async #stateOf(
    archive: Archive,
    ref: KeyRef,
    call: CallOptions,
  ): Promise<ArchiveState['kind'] | undefined> {
    try {
      return (await archive.state(ref, call)).kind
    } catch (error) {
      if (call.signal?.aborted || !isHawserError(error) || error.retry === 'never') throw error
      const message = `still waiting, although the service does not answer: ${error.message}`
      if (!this.#inDoubt) this.#options.onEvent?.({ type: 'warn', message, address: undefined })
      this.#inDoubt = true
      return undefined
    }
  }

  finish(): RestoreResult {
    return { totals: this.#end(undefined), failures: this.#failures }
  }

  /** See RunReport. */
  cutShort(): CutShort {
    const waiting = `interrupted while waiting for ${countOf(this.#waited, 'object')}`
    return {
      numbers: this.#end(true),
      message: this.#waits ? `${waiting}; ${this.#counts.asked} asked for` : 'interrupted',
      hint: goesOn,
    }
  }

  #end(interrupted: true | undefined): RestoreTotals {
    const { dryRun = false, onEvent } = this.#options
    const milliseconds = Math.round(performance.now() - this.#started)
    const totals: RestoreTotals = { ...this.#counts, dryRun, milliseconds, interrupted }
    onEvent?.({ type: 'restore-summary', totals })
    return totals
  }

  /** One object's failure is told and stops no other. What is no longer there, or is another one, is left out. */
  async #each(
    place: ArchivePlace,
    spool: Spool,
    kind: string,
    task: (entry: Entry) => Promise<void>,
  ): Promise<void> {
    const { signal, onEvent, state } = this.#options
    const { location } = place.store
    await forEachConcurrent(spool.read(kind, 'ascending'), this.#jobs, async (item) => {
      const key = toKey(item.order)
      const at = { op: 'thaw', location, key }
      try {
        checkSignal(signal, at)
        await task(parseEntry(key, item.payload))
      } catch (error) {
        if (signal?.aborted) throw abortError(signal, at)
        const failure = asHawserError(error, at)
        // What was not asked for is not waited for.
        await spool.take(toAwait, key)
        this.#waited--
        const reason = isOther.get(failure.code)
        if (reason !== undefined) {
          await state.archives.remove(locationId(location), key)
          onEvent?.({ type: 'skip', address: formatAddress(location, key), reason })
          return
        }
        this.#fail(failure)
      }
    })
  }

  #fail(failure: HawserError): void {
    this.#counts.failed++
    if (this.#failures.length < failuresKept) this.#failures.push(failure)
    this.#options.onEvent?.({ type: 'error', error: failure })
  }

  #done(action: 'thaw' | 'thawed', place: ArchivePlace, { key, size }: Entry): void {
    const { dryRun = false, onEvent } = this.#options
    const address = formatAddress(place.store.location, key)
    onEvent?.({ type: 'done', action, address, size, sent: 0, saved: 0, dryRun })
  }
}

const isOther: ReadonlyMap<ErrorCode, string> = new Map([
  ['not-found', 'vanished'],
  ['precondition-failed', 'replaced since it was listed'],
])

function hasNoTier({ store }: ArchivePlace, entry: Entry, tier: ThawTier): HawserError {
  const { key, storageClass } = entry
  return new HawserError('invalid-argument', `${storageClass} is not thawed at --tier ${tier}`, {
    op: 'thaw',
    location: store.location,
    key,
    hint: 'Take a slower one.',
  })
}

const goesOn = 'What was asked for goes on. The same command asks for the rest, or waits again.'

const failuresKept = 1000
/** Milliseconds between two looks at an object: seconds at first, minutes later. */
const leastWait = 1000
const mostWait = 300_000

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await timer(milliseconds, undefined, { signal })
}

function asEntry({ entry, state }: ArchivedEntry): Entry {
  const storageClass = state.kind === 'readable' ? entry.storageClass : state.storageClass
  return { ...entry, storageClass, kind: 'file', modified: 0n }
}

/** As exact as `--max-cost` is, and not below it. */
function exactly(amount: number): string {
  const [whole = '0', decimals = ''] = (Math.ceil(amount * 1e6) / 1e6).toFixed(6).split('.')
  return `${whole}.${decimals.replace(/0{1,4}$/, '')}`
}

/** For which it can be read already; undefined for what cannot. */
function daysLeft({ state }: ArchivedEntry): number | undefined {
  if (state.kind === 'readable') return Infinity
  if (state.kind !== 'thawed') return undefined
  return Math.max(0, (state.until?.getTime() ?? Infinity) - Date.now()) / day
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
