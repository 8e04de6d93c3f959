// What changed since a sync: for people, for programs by lines, and as records.
import type { Changed, StatusTotals } from '../../sync/status.ts'
import type { StatusAt } from '../../status.ts'
import { formatBytes, formatCount } from './format.ts'
import type { JsonRecord } from './records.ts'
import { escapeControls } from './text.ts'

/** `  renamed   old.txt -> new.txt`, below a line of what is compared and above one of all. */
export function statusLine(row: StatusAt): string {
  if (row.type === 'begin') return escapeControls(`${row.from} -> ${row.to}`)
  return row.type === 'totals' ? totalsLine(row.totals) : `  ${changeText(row.changed)}`
}

function changeText({ name, change, from, archived, conflicting }: Changed): string {
  const notes = [...(archived ? ['archived'] : []), ...(conflicting ? ['conflict'] : [])]
  const [word = '', ...rest] = change ? [change, ...notes] : notes
  const names = from === undefined ? name : `${from} -> ${name}`
  const more = rest.length > 0 ? ` (${rest.join(', ')})` : ''
  return `${word.padEnd(8)}  ${escapeControls(names)}${more}`
}

/** `3 new, 1 changed (1.20 MiB), 1 renamed, 12,345 unchanged` */
function totalsLine(totals: StatusTotals): string {
  const { bytes, unchanged, ...rest } = totals
  const counts = Object.entries(rest)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${formatCount(count)} ${word}`)
  const size = bytes > 0 ? `; ${formatBytes(bytes)} new or changed` : ''
  return `${[...counts, `${formatCount(unchanged)} unchanged`].join(', ')}${size}`
}

const letters = { new: 'N', changed: 'M', renamed: 'R', removed: 'D' }

/** `RY<tab>new<tab>old`; see docs/history.md. With `nul`, names as they are. Nothing for the totals. */
export function porcelainLine(row: StatusAt, nul: boolean): string {
  const [quoted, between, end] = nul ? [asIs, '\0', '\0'] : [quote, '\t', '\n']
  if (row.type === 'totals') return ''
  if (row.type === 'begin') return `##\t${quoted(row.from)}${between}${quoted(row.to)}${end}`
  const { name, change, from, archived, conflicting } = row.changed
  const first = change ? letters[change] : '.'
  const second = conflicting ? 'C' : archived ? 'A' : '.'
  const old = from === undefined ? '' : `${between}${quoted(from)}`
  return `${first}${second}\t${quoted(name)}${old}${end}`
}

function asIs(name: string): string {
  return name
}

/** As JSON writes it, where it would not be told from others. */
function quote(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return /["\\\u0000-\u001f\u007f]/.test(name) ? JSON.stringify(name) : name
}

export function statusRecord(row: StatusAt): JsonRecord | undefined {
  const { from, to } = row
  if (row.type === 'begin') return undefined
  if (row.type === 'totals') return { type: 'status-totals', from, to, ...row.totals }
  const { from: old, ...changed } = row.changed
  return { type: 'status', to, ...changed, old }
}
