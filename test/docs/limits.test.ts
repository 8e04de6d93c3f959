// docs/limits.md says what is: its timetables can be given, and mean what is beside them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseBandwidth } from '../../src/config/bandwidth.ts'
import { parseDuration } from '../../src/config/units.ts'
import { rateAt } from '../../src/core/timetable.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'limits.md'), 'utf8')
const examples = [...text.matchAll(/^\| `(.*?)` +\|/gm)].map(([, example = '']) => example)

const MiB = 1024 ** 2
/** The rates on Monday at ten and at half past twelve, on Friday at six in the evening, on Sunday at ten. */
const rates: Readonly<Record<string, readonly number[]>> = {
  '10M': [10 * MiB, 10 * MiB, 10 * MiB, 10 * MiB],
  off: [Infinity, Infinity, Infinity, Infinity],
  '08:00,512K 18:00,off': [MiB / 2, MiB / 2, Infinity, MiB / 2],
  '08:00,512K 12:00,10M 13:00,512K 18:00,off': [MiB / 2, 10 * MiB, Infinity, MiB / 2],
  '08:00,1M 18:00,off Sat-08:00,off Sun-08:00,off': [MiB, MiB, Infinity, Infinity],
  'Mon-09:00,1M Fri-17:30,off': [MiB, MiB, Infinity, Infinity],
  'Monday-09:00,1MB/s; Friday-17:30,off': [1e6, 1e6, Infinity, Infinity],
}
const times = ['2026-01-05T10:00', '2026-01-05T12:30', '2026-01-09T18:00', '2026-01-11T10:00']

describe('the timetables', () => {
  test('are these', () => {
    expect(examples).toEqual(Object.keys(rates))
  })

  test.each(examples)('%s', (example) => {
    const parsed = parseBandwidth(example)
    const rateOf = (time: string): number | undefined =>
      typeof parsed === 'object' ? rateAt(parsed, new Date(time)) : parsed
    expect(times.map(rateOf)).toEqual(rates[example])
  })
})

test('the times can be given', () => {
  const line = /^`--max-transfer(?:.|\n)*?\n\n/m.exec(text)?.[0] ?? ''
  const durations = [...line.matchAll(/`(\d\w*)`/g)].map(([, time = '']) => parseDuration(time))
  expect(durations).toEqual([90_000, 300_000, 7_200_000, 5_400_000])
})
