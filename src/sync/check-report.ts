// Counts what a check finds and tells it as events. What is not as it should be is kept, the first thousand.
import { asHawserError, type ErrorDetails, type HawserError } from '../core/errors.ts'
import {
  type Checked,
  type CheckTotals,
  type CheckVerdict,
  type EventSink,
  noEvents,
} from '../core/events.ts'
import { RunMeter } from '../core/meter.ts'
import type { ObjectRef } from '../core/work.ts'
import { addressOf } from './report.ts'

export interface CheckResult {
  readonly totals: CheckTotals
  /** What differs, is missing or damaged: the first thousand; the totals count all. */
  readonly findings: readonly Checked[]
  /** What could not be checked: the first thousand. */
  readonly failures: readonly HawserError[]
}

/** What a verdict says beside itself. */
export type Details = Pick<Checked, 'name' | 'size'> &
  Partial<Pick<Checked, 'by' | 'expected' | 'found' | 'reason'>>

const kept = 1000

/** Verdicts that make a check fail. */
const bad: ReadonlySet<CheckVerdict> = new Set(['differs', 'only-in-a', 'only-in-b', 'damaged'])

export class CheckReport {
  readonly meter: RunMeter
  readonly #emit: EventSink
  readonly #started = performance.now()
  readonly #findings: Checked[] = []
  readonly #failures: HawserError[] = []
  readonly #counts: Record<CheckVerdict, number> = {
    equal: 0,
    differs: 0,
    'only-in-a': 0,
    'only-in-b': 0,
    intact: 0,
    damaged: 0,
    unproven: 0,
    skipped: 0,
    error: 0,
  }
  #bytes = 0
  #audit = false
  #planned = { objects: 0, bytes: 0 }

  constructor(options: { onEvent?: EventSink | undefined; meter?: RunMeter | undefined }) {
    this.#emit = options.onEvent ?? noEvents
    this.meter = options.meter ?? new RunMeter()
  }

  start(from: string, to?: string): void {
    this.#audit = to === undefined
    this.#emit({ type: 'start', command: 'check', from, to, dryRun: false })
  }

  plan(bytes: number): void {
    this.#planned.objects++
    this.#planned.bytes += bytes
    this.#emit({ type: 'plan', ...this.#planned, complete: false })
  }
  planComplete(): void {
    this.#emit({ type: 'plan', ...this.#planned, complete: true })
  }

  warn(message: string, ref: ObjectRef): void {
    this.#emit({ type: 'warn', message, address: addressOf(ref) })
  }

  /** For one object: tells how much of it has been read. */
  progressOf(ref: ObjectRef, size: number): (done: number) => void {
    let begun = false
    return (done) => {
      const address = addressOf(ref)
      if (!begun) this.#emit({ type: 'begin', action: 'check', address, size })
      begun = true
      this.#emit({ type: 'progress', address, done, size })
    }
  }

  found(verdict: CheckVerdict, ref: ObjectRef, details: Details): void {
    this.#counts[verdict]++
    if (verdict === 'equal' || verdict === 'intact') this.#bytes += details.size
    const nothing = { by: undefined, expected: undefined, found: undefined, reason: undefined }
    const checked: Checked = { verdict, ...nothing, ...details, address: addressOf(ref) }
    if (bad.has(verdict) && this.#findings.length < kept) this.#findings.push(checked)
    this.#emit({ type: 'checked', ...checked })
  }

  /** One name could not be checked; the others are. */
  fail(error: unknown, ref: ObjectRef, details: Pick<Details, 'name' | 'size'>): void {
    const { location, key } = ref
    const failure = this.#failure(error, { op: 'check', location, key })
    this.found('error', ref, { ...details, reason: failure.message })
  }

  /** A name that cannot even be told. */
  failListing(error: Error, ref: ObjectRef): void {
    this.#failure(error, { op: 'list', ...ref })
    this.#counts.error++
  }

  #failure(error: unknown, details: ErrorDetails): HawserError {
    const failure = asHawserError(error, details)
    if (this.#failures.length < kept) this.#failures.push(failure)
    this.#emit({ type: 'error', error: failure })
    return failure
  }

  finish(): CheckResult {
    const counts = this.#counts
    const totals: CheckTotals = {
      equal: counts.equal,
      differing: counts.differs,
      onlyInA: counts['only-in-a'],
      onlyInB: counts['only-in-b'],
      intact: counts.intact,
      damaged: counts.damaged,
      unproven: counts.unproven,
      skipped: counts.skipped,
      failed: counts.error,
      bytes: this.#bytes,
      traffic: this.meter.totals(),
      milliseconds: Math.round(performance.now() - this.#started),
    }
    this.#emit({ type: 'check-summary', audit: this.#audit, totals })
    return { totals, findings: this.#findings, failures: this.#failures }
  }
}
