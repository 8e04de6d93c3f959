// Counts what a run does and tells it as events. Failures are named as they happen and kept, the first thousand.
import { addTotals } from '../cost/totals.ts'
import type { Totals } from '../core/totals.ts'
import { expectedTime, type Speed } from '../cost/speed.ts'
import { formatAddress } from '../core/location.ts'
import { type Action, type EventSink, noEvents, type Summary } from '../core/events.ts'
import { asHawserError, type ErrorDetails, type HawserError } from '../core/errors.ts'
import { RunMeter } from '../core/meter.ts'
import type { Entry } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import type { Reached } from '../transfer/context.ts'
import type { Costs } from './costs.ts'
import type { CutShort } from './history.ts'
import { asOperands } from '../pattern/operands.ts'
import { Streak } from './streak.ts'
import type { TransferOptions } from './options.ts'

export interface RunResult {
  readonly summary: Summary
  /** What the run was expected to take, and of a real one what it took; undefined where nobody reckoned. */
  readonly predicted: Totals | undefined
  readonly actual: Totals | undefined
  /** Milliseconds that it was expected to take, by what earlier runs took. */
  readonly expected: number | undefined
  /** The first thousand; `summary.failed` counts all. */
  readonly failures: readonly HawserError[]
}

const failuresKept = 1000
const counted: Partial<Record<Action, 'copied' | 'moved' | 'renamed'>> = {
  copy: 'copied',
  move: 'moved',
  rename: 'renamed',
}

/** What is told of an object that is done, where there is something to tell. */
export interface Done {
  /** Bytes that did not have to be sent. */
  readonly saved?: number | undefined
  /** Whether the bytes at the destination are known to be right. */
  readonly verified?: boolean | undefined
  /** What it was made of, in the destination's store; of a move, what it was. */
  readonly from?: ObjectRef | undefined
  /** What is there now. */
  readonly info?: State | undefined
  /** What was there before, and where a copy of that is kept. */
  readonly replaced?: State | undefined
  readonly backup?: ObjectRef | undefined
}
/** Which state of an object. */
type State = Pick<Entry, 'etag' | 'version'>

const goesOn = 'The same command goes on with the rest.'
/** What the user can do then. A move of several finds the first of them gone. */
const afterInterruption = new Map([
  ['sync', goesOn],
  ['apply', goesOn],
  ['remove', goesOn],
  ['copy', 'The same command copies again what is there by now; hawser sync leaves that out.'],
])

/** So many archived objects are named in the warning. */
const archivedNamed = 5

export class RunReport {
  readonly failures: HawserError[] = []
  readonly streak: Streak = new Streak()
  readonly meter: RunMeter
  readonly dryRun: boolean
  readonly #emit: EventSink
  readonly #started = performance.now()
  readonly #costs: Costs[] = []
  #command = ''
  #sources: readonly string[] = []
  /** The first of those that are archived. */
  readonly #archived: string[] = []
  /** The addresses of the trees that they are in. */
  readonly #archivedIn = new Set<string>()
  #planned = { objects: 0, bytes: 0 }
  #counts = {
    copied: 0,
    moved: 0,
    renamed: 0,
    updated: 0,
    removed: 0,
    unchanged: 0,
    skipped: 0,
    archived: 0,
    failed: 0,
    bytes: 0,
    saved: 0,
    unverified: 0,
  }

  constructor(options: Pick<TransferOptions, 'onEvent' | 'dryRun' | 'meter'>) {
    this.#emit = options.onEvent ?? noEvents
    this.dryRun = options.dryRun ?? false
    this.meter = options.meter ?? new RunMeter()
  }

  start(command: string, sources: readonly string[], to?: string): void {
    this.#command = command
    this.#sources = sources
    const from = sources.join(' ')
    this.#emit({ type: 'start', command, from, to, dryRun: this.dryRun, run: this.run })
  }

  get command(): string {
    return this.#command
  }

  /** Adds to what is to be done. */
  plan(objects: number, bytes: number): void {
    this.#planned.objects += objects
    this.#planned.bytes += bytes
    this.#emit({ type: 'plan', ...this.#planned, complete: false })
  }
  planComplete(): void {
    this.#emit({ type: 'plan', ...this.#planned, complete: true })
  }

  begin(action: Action, ref: ObjectRef, size: number): void {
    this.#emit({ type: 'begin', action, address: addressOf(ref), size })
  }
  progress(ref: ObjectRef, done: number, size: number, more: Reached = {}): void {
    this.#emit({ type: 'progress', address: addressOf(ref), done, size, ...more })
  }
  done(action: Action, ref: ObjectRef, size: number, sent: number, more: Done = {}): void {
    const { saved = 0, verified = true, from, info, replaced, backup } = more
    this.streak.succeeded()
    if (!verified) this.#counts.unverified++
    const count = counted[action]
    if (count !== undefined) {
      this.#counts[count]++
      this.#counts.bytes += size
      this.#counts.saved += saved
    } else if (action === 'update') this.#counts.updated++
    else if (action === 'remove') this.#counts.removed++
    const address = addressOf(ref)
    const { dryRun } = this
    this.#emit({
      type: 'done',
      action,
      address,
      from: from && addressOf(from),
      etag: info?.etag,
      version: info?.version,
      replaced: replaced && {
        etag: replaced.etag,
        version: replaced.version,
        backup: backup && addressOf(backup),
      },
      size,
      sent,
      saved,
      unverified: verified ? undefined : true,
      dryRun,
    })
  }
  unchanged(): void {
    this.#counts.unchanged++
  }
  skip(ref: ObjectRef, reason: string): void {
    this.#counts.skipped++
    this.#emit({ type: 'skip', address: addressOf(ref), reason })
  }
  /** Of what the run's limits leave to the next run, which is told of all together. */
  leave(ref: ObjectRef): void {
    this.#emit({ type: 'skip', address: addressOf(ref), reason: 'beyond the limits of the run' })
  }
  warn(message: string, ref?: ObjectRef): void {
    this.#emit({ type: 'warn', message, address: ref && addressOf(ref) })
  }

  /**
   * One object failed; the others go on. That it is archived is no failure.
   * @param place the address of the tree that it is archived in, where that is no source
   */
  fail(error: unknown, details: ErrorDetails, place?: string): void {
    const failure = asHawserError(error, details)
    if (failure.code === 'archived')
      return this.#leaveArchived(failure, place === undefined ? this.#sources : [place])
    this.#counts.failed++
    this.streak.failed(failure)
    if (this.failures.length < failuresKept) this.failures.push(failure)
    this.#emit({ type: 'error', error: failure })
  }
  #leaveArchived({ address = '', message }: HawserError, places: readonly string[]): void {
    this.#counts.archived++
    for (const place of places) this.#archivedIn.add(place)
    if (this.#archived.length < archivedNamed) this.#archived.push(address)
    this.#emit({ type: 'skip', address, reason: message })
  }

  /** In the end: they are no failures, but nobody is to overlook them. */
  #tellArchived(): void {
    const { archived } = this.#counts
    if (archived === 0) return
    const more = archived - this.#archived.length
    const names = `${this.#archived.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    const were = archived === 1 ? 'object is archived and was' : 'objects are archived and were'
    const places = asOperands([...this.#archivedIn])
    // All that is archived there may be more, and cost more.
    const when = this.dryRun ? ', once a run that is no dry one has remembered them' : ''
    this.warn(
      `${archived} ${were} left: ${names}. To thaw${when}: hawser restore --remembered ${places}`,
    )
  }

  get failed(): number {
    return this.#counts.failed
  }

  /** Of one part of the run. */
  accountFor(costs: Costs): void {
    this.#costs.push(costs)
  }

  /** The run's id in the history. */
  run: string | undefined

  /** How fast earlier runs between the same places were. */
  speed: Speed | undefined

  finish(): RunResult {
    return this.#end(undefined)
  }

  /** Tells what was done until now, where there is no more to come: nothing is under way. */
  cutShort(): CutShort {
    const hasBegun = this.#command !== ''
    return {
      numbers: hasBegun ? this.#end(true).summary : undefined,
      message: 'interrupted',
      hint: this.#sources.includes('-') ? undefined : afterInterruption.get(this.#command),
    }
  }

  #end(interrupted: true | undefined): RunResult {
    const { unverified } = this.#counts
    if (unverified > 0)
      this.warn(
        `the service did not confirm the bytes of ${unverified === 1 ? 'an object' : `${unverified} objects`}: with --verify they are read back`,
      )
    this.#tellArchived()
    const predicted = sumOf(this.#costs.map((costs) => costs.predicted))
    const actual = this.dryRun ? undefined : sumOf(this.#costs.map((costs) => costs.actual))
    const expected = predicted && this.speed && expectedTime(predicted, this.speed)
    const summary: Summary = {
      command: this.#command,
      dryRun: this.dryRun,
      ...this.#counts,
      traffic: this.meter.totals(),
      milliseconds: Math.round(performance.now() - this.#started),
      interrupted,
      estimate:
        this.dryRun && predicted ? { totals: predicted, milliseconds: expected } : undefined,
    }
    this.#emit({ type: 'summary', summary })
    return { summary, predicted, actual, expected, failures: this.failures }
  }
}

function sumOf(parts: readonly Totals[]): Totals | undefined {
  const [first, ...rest] = parts
  return first && rest.reduce(addTotals, first)
}

export function addressOf({ location, key }: ObjectRef): string {
  return formatAddress(location, key)
}
