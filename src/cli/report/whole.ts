// The line that tells how far the whole run is.
import { formatBytes, formatCount, formatDuration, formatObjects, formatRate } from './format.ts'
import type { Progress } from './progress.ts'

/** Says the most important first: a narrow terminal cuts the rest. */
export function wholeLine(progress: Progress, now: number): string {
  const { bytes, plannedBytes, objects, plannedObjects, planned, failed } = progress
  const part = share(progress)
  const more = planned ? '' : '+'
  const eta = progress.step ? undefined : progress.remaining(now)
  return [
    part === undefined ? '' : `${Math.floor(part * 100)}%`,
    bytesOf(bytes, plannedBytes, more),
    scanned(progress, now),
    progress.saved > 0 ? `saved ${formatBytes(progress.saved)}` : '',
    motion(progress, now),
    plannedObjects > 0
      ? `${formatCount(objects)} of ${formatCount(plannedObjects)}${more} objects`
      : formatObjects(objects),
    failed > 0 ? `${formatCount(failed)} failed` : '',
    eta === undefined ? '' : `${formatDuration(eta)} left`,
  ]
    .filter(Boolean)
    .join('  ')
}

function scanned(progress: Progress, now: number): string {
  const { scanning } = progress
  if (!scanning) return ''
  const rate = progress.scanRate(now)
  const pace = rate > 0 ? ` at ${formatRate(rate)}` : ''
  return `scanned ${formatBytes(scanning.scanned)} of ${formatBytes(scanning.size)}${pace}`
}

/** How fast bytes move; where none do because they are scanned, nothing, and where all have come, what is done then. */
function motion(progress: Progress, now: number): string {
  const { bytes, plannedBytes, step, scanning } = progress
  if (step) return step
  const rate = progress.rate(now)
  const moves = bytes > 0 || plannedBytes > 0
  return moves && (rate > 0 || !scanning) ? formatRate(rate) : ''
}

/** Of a stream nobody knows the whole, and a removal moves nothing. */
function bytesOf(bytes: number, planned: number, more: string): string {
  if (planned > 0) return `${formatBytes(bytes)} of ${formatBytes(planned)}${more}`
  return bytes > 0 ? formatBytes(bytes) : ''
}

/** From 0 to 1; undefined while it is not known how much there is to do. */
function share(progress: Progress): number | undefined {
  if (!progress.planned) return undefined
  if (progress.plannedBytes > 0) return Math.min(1, progress.bytes / progress.plannedBytes)
  return progress.plannedObjects > 0 ? progress.objects / progress.plannedObjects : undefined
}
