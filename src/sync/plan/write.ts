// A plan as lines of JSON: version 1, documented in docs/formats/plan.md. Each without its line break.
import { crc64ToHex } from '../../core/digest.ts'
import { isoTime } from '../../core/time.ts'
import { figures } from '../../cost/report.ts'
import { settingsFields } from './settings.ts'
import type { PlanEnd, PlanHeader, PlannedAction, PlannedOrigin, SeenState } from './types.ts'

export const format = 'hawser-plan'
export const version = 1

export function headerLine(header: PlanHeader): string {
  const { created, hawser, from, to, counts, totals, settings, selection, seen, actions } = header
  const { prices, unpriced } = totals
  return JSON.stringify({
    format,
    version,
    created: created.toISOString(),
    hawser,
    from,
    to,
    counts,
    totals: { ...figures({ totals, milliseconds: undefined }), prices, unpriced },
    options: settingsFields(settings),
    selection,
    seen,
    actions,
  })
}

export function actionLine(action: PlannedAction): string {
  return JSON.stringify(actionFields(action))
}

function actionFields(action: PlannedAction): object {
  const { do: what, name } = action
  if (action.do === 'vacate') return { do: what, name }
  const source = action.source && stateFields(action.source)
  const target = action.target && stateFields(action.target)
  if (action.do === 'remove')
    return { do: what, name, source, target, old: action.old || undefined }
  if (action.do === 'update')
    return { do: what, name, source, target, crc64nvme: hex(action.crc64nvme) }
  const { instead } = action
  if (action.do === 'directory') return { do: what, name, source, target, instead }
  const from = action.from && originFields(action.from)
  return { do: what, name, from, source, target, instead, waits: action.waits || undefined }
}

export function endLine(end: PlanEnd): string {
  return JSON.stringify({ end })
}

function stateFields(state: SeenState): object {
  const { kind, size, modified, etag, version: version_, storageClass, file } = state
  return {
    kind,
    size,
    modified: timeText(modified),
    // A file's own is made of what follows.
    etag: file ? undefined : etag,
    version: version_,
    storageClass,
    inode: file?.inode.toString(),
    ctime: file && timeText(file.ctime),
    mode: file?.mode.toString(8),
  }
}

export function originFields({ name, by, size, etag, crc64nvme }: PlannedOrigin): object {
  return { name, by, size, etag, crc64nvme: hex(crc64nvme) }
}

function hex(crc64nvme: bigint | undefined): string | undefined {
  return crc64nvme === undefined ? undefined : crc64ToHex(crc64nvme)
}

/** The last nanosecond of a year that dates can say; some file systems have later ones. */
const lastTime = 8_640_000_000_000_000_000_000n

function timeText(nanoseconds: bigint): string {
  const isDate = nanoseconds >= -lastTime && nanoseconds <= lastTime
  return isDate ? isoTime(nanoseconds) : nanoseconds.toString()
}
