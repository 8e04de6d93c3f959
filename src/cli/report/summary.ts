// What a run did, in plain words.
import type { HawserEvent, Summary } from '../../core/events.ts'
import { estimateLines } from '../../cost/lines.ts'
import { formatBytes, formatCount, formatDuration, formatObjects } from './format.ts'
import { escapeControls } from './text.ts'

/** `copied 20,134 objects (312 MiB) in 14 s, 12 unchanged, 0 failed` */
export function summaryLine(summary: Summary, hints = false): string {
  const words = summary.dryRun ? conditional : past
  const done = broughtIn(summary, words)
  if (summary.updated > 0)
    done.push(`${words.update} the attributes of ${formatCount(summary.updated)}`)
  if (summary.removed > 0) done.push(`${words.remove} ${formatObjects(summary.removed)}`)
  const isAll = summary.failed === 0 && !summary.interrupted
  const nothing = isAll ? words.nothing : words.failed
  const action = done.length > 0 ? done.join(', ') : nothing
  const rest: string[] = []
  // Other commands compare nothing.
  if (comparing.has(summary.command)) rest.push(`${formatCount(summary.unchanged)} unchanged`)
  if (summary.skipped > 0)
    rest.push(`${formatCount(summary.skipped)} skipped${hints ? ' (-v names them)' : ''}`)
  if (summary.archived > 0) rest.push(`${formatCount(summary.archived)} archived`)
  rest.push(`${formatCount(summary.failed)} failed`)
  const until = summary.interrupted ? untilInterrupted : ''
  return `${until}${action} in ${formatDuration(summary.milliseconds)}, ${rest.join(', ')}`
}

/** What a dry run says of bytes, requests, price and time. */
export function estimatedLines({ estimate }: Summary): string[] {
  if (!estimate) return []
  const wording = { bytes: formatBytes, count: formatCount, duration: formatDuration }
  return estimateLines(estimate.totals, estimate.milliseconds, wording)
}

/** How the line of a run that did not come to its end begins. */
export const untilInterrupted = 'until it was interrupted: '

const comparing = new Set(['sync', 'plan', 'apply'])

const past = {
  copy: 'copied',
  move: 'moved',
  rename: 'renamed',
  update: 'set',
  remove: 'removed',
  backup: 'kept a copy at',
  thaw: 'asked to thaw',
  thawed: 'can be read:',
  save: 'saved',
  nothing: 'nothing to do',
  failed: 'nothing done',
}
const conditional = {
  copy: 'would copy',
  move: 'would move',
  rename: 'would rename',
  update: 'would set',
  remove: 'would remove',
  backup: 'would keep a copy at',
  thaw: 'would thaw',
  thawed: 'would thaw',
  save: 'would save',
  nothing: 'nothing would be done',
  failed: 'nothing would be done',
}

/** `copied 1 and renamed 4 objects (286 MiB, saved 281 MiB)`: the bytes are those of all of them. */
function broughtIn(
  { copied, moved, renamed, bytes, saved }: Summary,
  words: typeof past,
): string[] {
  const counts: [string, number][] = [
    [words.copy, copied],
    [words.move, moved],
    [words.rename, renamed],
  ]
  const some = counts.filter(([, count]) => count > 0)
  const told = some.map(([verb, count], i) =>
    i < some.length - 1 ? `${verb} ${formatCount(count)}` : `${verb} ${formatObjects(count)}`,
  )
  return told.length > 0 ? [`${told.join(' and ')} (${sizesOf(bytes, saved, words)})`] : []
}

/** `286 MiB, saved 281 MiB` */
function sizesOf(bytes: number, saved: number, { save }: { readonly save: string }): string {
  return `${formatBytes(bytes)}${saved > 0 ? `, ${save} ${formatBytes(saved)}` : ''}`
}

/** One line for an object that is done: `renamed s3://bucket/old -> s3://bucket/new`. */
export function doneLine(event: HawserEvent & { type: 'done' }): string {
  const words = event.dryRun ? conditional : past
  const verb = words[event.action]
  const what = event.action === 'update' ? `${verb} the attributes of` : verb
  const moves = event.action === 'copy' || event.action === 'move'
  const size = moves ? ` (${sizesOf(event.size, event.saved, words)})` : ''
  const names = [...(event.action === 'rename' && event.from ? [event.from] : []), event.address]
  return `${what} ${escapeControls(names.join(' -> '))}${size}`
}

/** `the service asks for less: 12 requests at once from now on` */
export function slowerLine({ requests }: HawserEvent & { type: 'slower' }): string {
  return `the service asks for less: ${formatCount(requests)} requests at once from now on`
}

/** `warning: s3://bucket/a: what is odd` */
export function warningLine(event: HawserEvent & { type: 'warn' }): string {
  const address = event.address === undefined ? '' : `${event.address}: `
  return escapeControls(`warning: ${address}${event.message}`)
}

/** `200 GetObject /bucket/key (1.2 MiB out) in 3 ms` */
export function requestLine(event: HawserEvent & { type: 'request' }): string {
  const { status, operation, path, received, sent, milliseconds, code } = event
  const bytes = [
    ...(received > 0 ? [`${formatBytes(received)} in`] : []),
    ...(sent > 0 ? [`${formatBytes(sent)} out`] : []),
  ]
  const moved = bytes.length > 0 ? ` (${bytes.join(', ')})` : ''
  const reason = code === undefined ? '' : ` ${code}`
  const time = formatDuration(milliseconds)
  return escapeControls(`${status}${reason} ${operation} ${path}${moved} in ${time}`)
}
