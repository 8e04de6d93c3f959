// The report of a run as JSON: what was predicted and what came of it, side by side. Version 1, documented in
// docs/formats/report.md.
import type { HawserError } from '../core/errors.ts'
import type { Totals } from '../core/totals.ts'

export interface ReportedRun {
  /** `sync`, `copy`. */
  readonly command: string
  /** Addresses, as in the run's history. */
  readonly from: readonly string[]
  readonly to: string
  /** As in the run's history: without secrets. Undefined values, and what is no plain data, are left out. */
  readonly options: Readonly<Record<string, unknown>>
  readonly dryRun: boolean
  readonly started: Date
  readonly ended: Date
  readonly exitCode: number
  readonly predicted: Expected
  /** Undefined for a dry run. */
  readonly actual: Expected | undefined
  /** Objects of which nothing tells whether they arrived as they were sent. */
  readonly unverified: number
  /** Objects that were left because they are archived. */
  readonly archived: number
  /** All failures there were; `failures` holds the first of them. */
  readonly failed: number
  readonly failures: readonly HawserError[]
}

export interface Expected {
  readonly totals: Totals
  /** Undefined where nothing tells. */
  readonly milliseconds: number | undefined
}

const version = 1
const failuresTold = 1000

/** The text of the file: indented, with a line break at its end. */
export function formatReport(run: ReportedRun): string {
  const { command, from, to, dryRun, started, ended, exitCode, predicted, actual } = run
  const { unverified, failed } = run
  const { prices, unpriced } = predicted.totals
  const report = {
    format: 'hawser-report',
    version,
    command,
    from,
    to,
    dryRun,
    started: started.toISOString(),
    ended: ended.toISOString(),
    exitCode,
    options: plain(run.options),
    prices,
    unpriced,
    predicted: figures(predicted),
    actual: actual && figures(actual),
    unverified,
    archived: run.archived,
    failed,
    failures: run.failures.slice(0, failuresTold).map(failureFields),
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

export function figures({ totals, milliseconds }: Expected): Readonly<Record<string, unknown>> {
  const { objects, bytes, requests, cost } = totals
  return {
    objects,
    bytes,
    requests,
    cost: cost && Object.fromEntries(Object.entries(cost).map(([name, it]) => [name, micro(it)])),
    milliseconds: milliseconds === undefined ? undefined : Math.round(milliseconds),
  }
}

/** To a millionth: nothing charges less, and no file should tell how doubles add up. */
function micro(amount: number): number {
  return Math.round(amount * 1e6) / 1e6
}

function failureFields(error: HawserError): Readonly<Record<string, unknown>> {
  const { code, message, op, address, key, retry, status, requestId, hint } = error
  return { code, message, op, address, key, retry, status, requestId, hint }
}

/** Plain data, with integers of any size as text; signals, stores and the like are no options of a user. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) return undefined
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
  }
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
}
