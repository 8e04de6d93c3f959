// Archived objects in plain words, and as records.
import type { RestorePlan, RestoreTotals } from '../../core/events.ts'
import { aboutMoney, money } from '../../cost/lines.ts'
import type { ArchivedAt } from '../command.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLocalTime,
  formatObjects,
} from './format.ts'
import type { JsonRecord } from './records.ts'
import { untilInterrupted } from './summary.ts'
import { escapeControls } from './text.ts'

/** `3 objects (12 MiB) to thaw, bulk, for 7 days: about $0.02 (requests $0.01, storage $0.01); 2 on their way, 5 readable` */
export function restorePlanLine(plan: RestorePlan): string {
  const { objects, bytes, tier, days, thawing, readable } = plan
  const lasting = `${tier}, for ${formatCount(days)} ${days === 1 ? 'day' : 'days'}`
  const price = objects === 0 ? '' : `: ${costText(plan)}`
  return `${formatObjects(objects)} (${formatBytes(bytes)}) to thaw, ${lasting}${price}; ${formatCount(thawing)} on their way, ${formatCount(readable)} readable`
}

function costText({ cost }: RestorePlan): string {
  if (!cost) return 'prices unknown'
  const { requests, retrieval, storage, total, currency } = cost
  const parts = Object.entries({ requests, retrieval, storage })
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${name} ${money(amount, currency)}`)
  return `${aboutMoney(total, currency)}${parts.length > 1 ? ` (${parts.join(', ')})` : ''}`
}

/** `asked to thaw 3 objects (12 MiB) in 2.0 s, 2 on their way, 5 readable, 0 failed` */
export function restoreSummaryLine(totals: RestoreTotals): string {
  const { asked, bytes, dryRun, thawed, thawing, readable, failed, milliseconds } = totals
  const until = totals.interrupted ? untilInterrupted : ''
  const verb = dryRun ? 'would ask' : 'asked'
  const rest = [
    `${formatCount(thawing)} on their way before`,
    `${formatCount(readable)} readable before`,
    ...(thawed > 0 ? [`${formatCount(thawed)} thawed`] : []),
    `${formatCount(failed)} failed`,
  ]
  return `${until}${verb} to thaw ${formatObjects(asked)} (${formatBytes(bytes)}) in ${formatDuration(milliseconds)}, ${rest.join(', ')}`
}

/** `thawed    1.2 MiB  bulk       2026-11-21 04:09:37  2026-11-28 00:00:00  s3://bucket/key`, or the line for the whole. */
export function archivedLine(row: ArchivedAt, terminal: boolean): string {
  if (row.type === 'archives') {
    const counts = Object.entries(row.counts).map(
      ([state, count]) => `${formatCount(count)} ${state}`,
    )
    return `${formatObjects(row.objects)} (${formatBytes(row.bytes)}): ${counts.join(', ')}`
  }
  const { state, size, tier = '-', requested, until } = row
  const address = terminal ? escapeControls(row.address) : row.address
  return [
    state.padEnd(8),
    formatBytes(size).padStart(9),
    tier.padEnd(9),
    timeText(requested),
    timeText(until),
    address,
  ].join('  ')
}

function timeText(time: Date | undefined): string {
  return (time ? formatLocalTime(BigInt(time.getTime()) * 1_000_000n) : '-').padEnd(19)
}

export function archivedRecord(row: ArchivedAt): JsonRecord {
  if (row.type === 'archives') return row
  return {
    ...row,
    requested: row.requested?.toISOString(),
    until: row.until?.toISOString(),
  }
}
