// Answers on standard output, a line for each object: what a dry run would do, and what a check found.
import type { HawserEvent } from '../../core/events.ts'
import { findingLine } from './checks.ts'
import { doneLine } from './summary.ts'
import type { Reporter } from './reporter.ts'

export class ActionReporter implements Reporter {
  event(event: HawserEvent): string {
    const line = lineOf(event)
    return line === undefined ? '' : `${line}\n`
  }

  tick(): string {
    return ''
  }

  clear(): string {
    return ''
  }

  note(): string {
    return ''
  }

  end(): string {
    return ''
  }
}

function lineOf(event: HawserEvent): string | undefined {
  if (event.type === 'checked') return findingLine(event)
  return event.type === 'done' && event.dryRun ? doneLine(event) : undefined
}
