// `--bwlimit` as people write it: a rate, or a timetable of rates in rclone's form.
import type { Timetable, TimetableEntry } from '../core/timetable.ts'
import { type OptionSpec, value } from './option.ts'
import { parseRate } from './units.ts'

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/**
 * Bytes for each second: one rate, or entries `08:00,512K` and `Mon-08:00,512K` with white space or `;` between them.
 * `off` is Infinity: no limit. Undefined for what cannot be read, which a second entry for the same time is too.
 */
export function parseBandwidth(text: string): number | Timetable | undefined {
  if (!text.includes(',')) return parseLimit(text)
  const timetable: TimetableEntry[] = []
  for (const word of text.split(/[\s;]+/).filter((part) => part !== '')) {
    const entry = parseEntry(word)
    if (!entry || timetable.some((other) => isSameTime(other, entry))) return undefined
    timetable.push(entry)
  }
  return timetable
}

function parseEntry(word: string): TimetableEntry | undefined {
  const match = /^(?:([a-z]+)-)?(\d\d?):(\d\d),(.+)$/i.exec(word)
  if (!match) return undefined
  const [, name, hours, minutes, limit = ''] = match
  const day = name === undefined ? undefined : parseDay(name)
  if (day === -1 || Number(hours) > 23 || Number(minutes) > 59) return undefined
  const rate = parseLimit(limit)
  return rate === undefined
    ? undefined
    : { day, minute: Number(hours) * 60 + Number(minutes), rate }
}

/** Written out or as three letters; -1 where it is none. */
function parseDay(name: string): number {
  const lower = name.toLowerCase()
  return days.findIndex((day) => day === lower || day.slice(0, 3) === lower)
}

/** Nothing at all would never end: a rate of 0 is refused. */
function parseLimit(text: string): number | undefined {
  return text.trim().toLowerCase() === 'off' ? Infinity : parseRate(text) || undefined
}

function isSameTime(a: TimetableEntry, b: TimetableEntry): boolean {
  return a.day === b.day && a.minute === b.minute
}

export function bandwidth(
  flags: string,
  summary: string,
): OptionSpec<number | Timetable | undefined> {
  const accepted =
    'bytes for each second, such as 10M or 1.5MB, off, or a timetable such as "08:00,512K 18:00,off"'
  return value<number | Timetable | undefined>(flags, summary, undefined, accepted, parseBandwidth)
}
