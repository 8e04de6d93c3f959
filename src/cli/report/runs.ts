// What earlier runs did: in a few lines for each, and one of them with all that its log tells.
import type { Action } from '../../core/events.ts'
import type { RunRecord } from '../../state/types.ts'
import { type Fact, factLines } from './facts.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLocalTime,
  formatObjects,
} from './format.ts'
import type { JsonRecord } from './records.ts'
import { doneLine, warningLine } from './summary.ts'
import { escapeControls } from './text.ts'

/**
 * `20261121T040937123-0a1b2c  2026-11-21 04:09:37  sync     exit 0, 0 failed`, and indented below it numbers, and where
 * from and where to.
 */
export function runLines(run: RunRecord): string {
  const { id, command, started } = run
  const first = [id, timeText(started), asTyped(command).padEnd(7), resultText(run)].join('  ')
  const numbers = numbersOf(run)
  return [
    first,
    ...(numbers ? [`    ${numbers.join('  ')}`] : []),
    `    ${escapeControls(betweenText(run))}`,
  ].join('\n')
}

/** The head of a run that is shown by itself. */
export function runHead(run: RunRecord, log: string, isThere: boolean): string {
  const { id, command, from, to, started, ended } = run
  const facts: Fact[] = [
    ['run', id],
    ['command', asTyped(command)],
    ['from', from],
    ['to', to],
    ['options', optionsText(run.options) || undefined],
    ['started', timeText(started)],
    ['ended', ended && `${timeText(ended)}, after ${formatDuration(lasted(started, ended))}`],
    ['result', resultText(run)],
    ['numbers', numbersOf(run)?.join(', ')],
    ['log', isThere ? log : `none at ${log}: it is kept for 30 days, or elsewhere (--log-dir)`],
  ]
  return factLines(facts)
}

export function runRecord(run: RunRecord): JsonRecord {
  const { started, ended, ...rest } = run
  return { type: 'run', ...rest, started: started.toISOString(), ended: ended?.toISOString() }
}

/** A line of a log for programs; undefined for what is no record. */
export function logRecord(line: string): string | undefined {
  return text(parsed(line), 'type') === '' ? undefined : line
}

/** A line of a log for people; undefined for what the head tells, and for what is no record. */
export function logLine(line: string, verbose: boolean): string | undefined {
  const record = parsed(line)
  const address = text(record, 'address')
  switch (text(record, 'type')) {
    case 'done':
      return doneText(record, verbose)
    case 'skip':
      return escapeControls(`skipped ${address}: ${text(record, 'reason')}`)
    case 'warn':
      return warningLine({
        type: 'warn',
        message: text(record, 'message'),
        address: address || undefined,
      })
    case 'error':
      // It is no failure of an object.
      if (text(record, 'code') === 'interrupted') return escapeControls(text(record, 'message'))
      return escapeControls(`failed ${address && `${address}: `}${text(record, 'message')}`)
    default:
      return undefined
  }
}

/** What people call by a shorter name than programs do. */
const typed = new Map([
  ['copy', 'cp'],
  ['move', 'mv'],
  ['remove', 'rm'],
])

function asTyped(command: string): string {
  return typed.get(command) ?? command
}

const actions: Readonly<Record<Action, true>> = {
  copy: true,
  move: true,
  rename: true,
  update: true,
  remove: true,
  backup: true,
  thaw: true,
  thawed: true,
}

function doneText(record: object, verbose: boolean): string | undefined {
  const action = text(record, 'action')
  if (!isAction(action)) return undefined
  const [size, sent, saved] = ['size', 'sent', 'saved'].map((name) => number(record, name) ?? 0)
  const address = text(record, 'address')
  const from = text(record, 'from')
  const line = doneLine({
    type: 'done',
    action,
    address,
    from,
    size: size ?? 0,
    sent: sent ?? 0,
    saved: saved ?? 0,
    dryRun: false,
  })
  const origin = from && action !== 'rename' ? `, from ${from}` : ''
  return verbose ? line + escapeControls(origin + beforeText(record)) : line
}

function isAction(name: string): name is Action {
  return Object.hasOwn(actions, name)
}

/** What was there before. */
function beforeText(record: object): string {
  const replaced = field(record, 'replaced')
  const [etag, version, backup] = ['etag', 'version', 'backup'].map((name) => text(replaced, name))
  return [
    etag && `, was ${etag}`,
    version && `, version ${version}`,
    backup && `, kept at ${backup}`,
  ].join('')
}

function resultText({ state, exitCode, summary }: RunRecord): string {
  if (state !== 'ended') return state === 'unknown' ? 'not ended' : state
  const failed = number(summary, 'failed')
  return `exit ${exitCode}${failed === undefined ? '' : `, ${formatCount(failed)} failed`}`
}

/** Undefined where the run did not come to its end. */
function numbersOf({ summary, started, ended }: RunRecord): string[] | undefined {
  if (summary === undefined || !ended) return undefined
  const objects = counted.reduce((sum, name) => sum + (number(summary, name) ?? 0), 0)
  const sent = number(field(summary, 'traffic'), 'sent')
  const saved = number(summary, 'saved') ?? 0
  return [
    formatObjects(objects),
    formatBytes(number(summary, 'bytes') ?? 0),
    ...(sent === undefined ? [] : [`sent ${formatBytes(sent)}`]),
    ...(saved > 0 ? [`saved ${formatBytes(saved)}`] : []),
    `in ${formatDuration(number(summary, 'milliseconds') ?? lasted(started, ended))}`,
  ]
}

/** Of a summary: what something was done to. */
const counted = ['copied', 'moved', 'renamed', 'updated', 'removed', 'asked']

function betweenText({ from = '', to }: RunRecord): string {
  return to === undefined ? from : `${from} -> ${to}`
}

/** `delete, jobs=8` */
function optionsText(given: unknown): string {
  if (typeof given !== 'object' || given === null) return ''
  return Object.entries(given)
    .map(([name, value]) => (value === true ? name : `${name}=${valueText(value)}`))
    .join(', ')
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function timeText(time: Date): string {
  return formatLocalTime(BigInt(time.getTime()) * 1_000_000n)
}

function lasted(started: Date, ended: Date): number {
  return ended.getTime() - started.getTime()
}

/** The last line of a run that was killed may be cut off. */
function parsed(line: string): object {
  try {
    const record: unknown = JSON.parse(line)
    return typeof record === 'object' && record !== null ? record : {}
  } catch {
    return {}
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function text(value: unknown, name: string): string {
  const found = field(value, name)
  return typeof found === 'string' ? found : ''
}

function number(value: unknown, name: string): number | undefined {
  const found = field(value, name)
  return typeof found === 'number' ? found : undefined
}
