// What a consumer of events is: pure, so that it can be tested with recorded events. It is told the time, and answers
// with the text to write; who drives it owns the stream, the clock and the terminal's size.
import type { HawserEvent } from '../../core/events.ts'

export interface Reporter {
  /** `now` is in milliseconds, from any fixed moment on. */
  event(event: HawserEvent, now: number): string
  /** Called ten times a second while something runs. */
  tick(now: number): string
  /** Takes away what is drawn, for a line that somebody else writes there; the next tick draws again. */
  clear(): string
  /** A line that is no event: it must not get mixed up with what is drawn. */
  note(line: string): string
  /** Takes away what is drawn. */
  end(now: number): string
}

/** With these a command has nothing more to show. */
export const endings: ReadonlySet<HawserEvent['type']> = new Set([
  'summary',
  'check-summary',
  'restore-summary',
])

/** Says nothing. */
export const silent: Reporter = {
  event: () => '',
  tick: () => '',
  clear: () => '',
  note: (line) => `${line}\n`,
  end: () => '',
}
