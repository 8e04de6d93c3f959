// Rates that change with the time of day and the day of the week.

export interface TimetableEntry {
  /** As Date counts: 0 is Sunday. Undefined: every day. */
  readonly day: number | undefined
  /** The minute of the day, by the local clock, from which on the rate holds. */
  readonly minute: number
  /** Bytes for each second; Infinity means no limit. */
  readonly rate: number
}

/** In no certain order. At one minute, an entry for one day comes before one for every day. */
export type Timetable = readonly TimetableEntry[]

const minutesOfDay = 24 * 60
const minutesOfWeek = 7 * minutesOfDay

/**
 * The rate of the entry that came last, be it yesterday's or last week's; Infinity where there is no entry.
 * What the clock on the wall shows counts: what begins in an hour that a change to summer time leaves out holds
 * right after it, and an hour that comes twice is gone through twice.
 */
export function rateAt(timetable: Timetable, time: Date): number {
  const minute = time.getHours() * 60 + time.getMinutes()
  let found: TimetableEntry | undefined
  let least = Infinity
  for (const entry of timetable) {
    const days = entry.day === undefined ? 0 : time.getDay() - entry.day
    const week = entry.day === undefined ? minutesOfDay : minutesOfWeek
    const since = (days * minutesOfDay + minute - entry.minute + week) % week
    if (since > least || (since === least && entry.day === undefined)) continue
    found = entry
    least = since
  }
  return found?.rate ?? Infinity
}
