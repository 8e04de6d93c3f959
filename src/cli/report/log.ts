// `--log-file`: everything but progress, each line with its time.
import type { HawserEvent } from '../../core/events.ts'
import { checkedLine, checkSummaryLine } from './checks.ts'
import { describeError } from './errors.ts'
import { eventRecord, jsonLine } from './records.ts'
import { doneLine, requestLine, slowerLine, summaryLine, warningLine } from './summary.ts'
import { restorePlanLine, restoreSummaryLine } from './restore.ts'
import { escapeControls } from './text.ts'

/** The line for an event, with its line break; nothing for progress. */
export type LogFormat = (event: HawserEvent, time: Date) => string

export const jsonLog: LogFormat = (event, time) => {
  if (event.type === 'progress' || event.type === 'begin') return ''
  const { type, ...fields } = eventRecord(event)
  return `${jsonLine({ time: time.toISOString(), type, ...fields })}\n`
}

export const textLog: LogFormat = (event, time) => {
  const text = textOf(event)
  return text === undefined ? '' : `${time.toISOString()} ${text.replaceAll(/\n\s*/g, ' | ')}\n`
}

function textOf(event: HawserEvent): string | undefined {
  switch (event.type) {
    case 'start':
      return escapeControls(
        `start ${event.command}${event.dryRun ? ' (dry run)' : ''} ${event.from}${event.to === undefined ? '' : ` -> ${event.to}`}`,
      )
    case 'plan':
      return event.complete ? `plan ${event.objects} objects, ${event.bytes} bytes` : undefined
    case 'done':
      return doneLine(event)
    case 'checked':
      return event.verdict === 'error' ? undefined : checkedLine(event)
    case 'check-summary':
      return checkSummaryLine(event.totals, event.audit)
    case 'restore-plan':
      return restorePlanLine(event)
    case 'restore-summary':
      return restoreSummaryLine(event.totals)
    case 'skip':
      return escapeControls(`skipped ${event.address}: ${event.reason}`)
    case 'request':
      return requestLine(event)
    case 'retry':
      return `retry ${event.attempt} in ${event.delay} ms: ${describeError(event.error, 1)}`
    case 'slower':
      return slowerLine(event)
    case 'warn':
      return warningLine(event)
    case 'error':
      return `error: ${describeError(event.error, 1)}`
    case 'summary':
      return summaryLine(event.summary)
    case 'begin':
    case 'progress':
      break
  }
  return undefined
}
