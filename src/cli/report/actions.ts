// A dry run's answer, on standard output: what would be done, a line for each object.
import type { HawserEvent } from '../../core/events.ts'
import { doneLine } from './summary.ts'
import type { Reporter } from './reporter.ts'

export class ActionReporter implements Reporter {
  event(event: HawserEvent): string {
    return event.type === 'done' && event.dryRun ? `${doneLine(event)}\n` : ''
  }

  tick(): string {
    return ''
  }

  note(): string {
    return ''
  }

  end(): string {
    return ''
  }
}
