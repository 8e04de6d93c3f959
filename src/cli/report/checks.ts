// What a check found, in plain words.
import type { Checked, CheckTotals, HawserEvent } from '../../core/events.ts'
import { formatBytes, formatCount, formatDuration, formatObjects } from './format.ts'
import { escapeControls } from './text.ts'

type CheckedEvent = HawserEvent & { type: 'checked' }

/** Verdicts that need nobody's attention, and what could not be checked, which is told as an error. */
const quiet: ReadonlySet<Checked['verdict']> = new Set(['equal', 'intact', 'skipped', 'error'])

/** A line for what is not as it should be, or cannot be proven; undefined for the rest. */
export function findingLine(event: CheckedEvent): string | undefined {
  return quiet.has(event.verdict) ? undefined : checkedLine(event)
}

/** `differs s3://bucket/a (12 bytes, not 10)` */
export function checkedLine(checked: Checked): string {
  const { verdict, address } = checked
  const why = reasonOf(checked)
  return escapeControls(`${words[verdict]} ${address}${why === undefined ? '' : ` (${why})`}`)
}

const words: Readonly<Record<Checked['verdict'], string>> = {
  equal: 'equal',
  differs: 'differs',
  'only-in-a': 'only in A:',
  'only-in-b': 'only in B:',
  intact: 'intact',
  damaged: 'damaged',
  unproven: 'unproven',
  skipped: 'skipped',
  error: 'not checked',
}

function reasonOf({ verdict, by, expected, found, reason }: Checked): string | undefined {
  if (reason !== undefined) return reason
  if (by === undefined) return undefined
  if (verdict === 'equal' || verdict === 'intact') return `by ${names[by]}`
  if (found === undefined)
    return `${names[by]}${expected === undefined ? '' : ` is not ${expected}`}`
  if (by === 'size') return `${found} bytes, not ${expected}`
  if (by === 'kind') return `a ${found}, not a ${expected}`
  return `${names[by]} ${found}, not ${expected}`
}

const names: Readonly<Record<NonNullable<Checked['by']>, string>> = {
  size: 'size',
  kind: 'kind',
  etag: 'ETag',
  md5: 'MD5',
  crc64nvme: 'CRC64NVME',
  bytes: 'bytes',
}

/** `20,134 objects equal (312 MiB), 2 differ, 1 only in A, 0 only in B, 0 failed in 14 s` */
export function checkSummaryLine(totals: CheckTotals, audit: boolean): string {
  const { bytes, skipped, failed, milliseconds } = totals
  const good = audit ? totals.intact : totals.equal
  const parts = [`${formatObjects(good)} ${audit ? 'intact' : 'equal'} (${formatBytes(bytes)})`]
  if (audit)
    parts.push(
      `${formatCount(totals.damaged)} damaged`,
      `${formatCount(totals.unproven)} without proof`,
    )
  else
    parts.push(
      `${formatCount(totals.differing)} ${totals.differing === 1 ? 'differs' : 'differ'}`,
      `${formatCount(totals.onlyInA)} only in A`,
      `${formatCount(totals.onlyInB)} only in B`,
    )
  if (skipped > 0) parts.push(`${formatCount(skipped)} skipped`)
  return `${parts.join(', ')}, ${formatCount(failed)} failed in ${formatDuration(milliseconds)}`
}
