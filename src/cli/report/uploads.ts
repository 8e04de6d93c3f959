// Unfinished uploads: a line for each.
import type { UploadAt } from '../command.ts'
import { formatBytes, formatLocalTime } from './format.ts'
import type { JsonRecord } from './records.ts'
import { escapeControls } from './text.ts'

/** `2026-11-21 04:09:37  s3://bucket/key  id`, the bytes that have arrived after the time, what was done before it. */
export function uploadLine(upload: UploadAt, terminal: boolean): string {
  const { done, started, arrived, id } = upload
  const address = terminal ? escapeControls(upload.address) : upload.address
  const time = started ? formatLocalTime(BigInt(started.getTime()) * 1_000_000n) : '-'
  const columns: string[] = done === 'listed' ? [] : [done]
  columns.push(time.padEnd(19))
  if (arrived !== undefined) columns.push(formatBytes(arrived).padStart(9))
  return [...columns, address, terminal ? escapeControls(id) : id].join('  ')
}

export function uploadRecord(upload: UploadAt): JsonRecord {
  const { address, key, id, started, arrived, done } = upload
  return { type: 'upload', address, key, id, started: started?.toISOString(), arrived, done }
}
