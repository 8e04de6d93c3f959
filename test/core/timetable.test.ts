import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { rateAt, type Timetable } from '../../src/core/timetable.ts'

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

const workdays: Timetable = [
  { day: undefined, minute: 8 * 60, rate: 100 },
  { day: undefined, minute: 18 * 60, rate: Infinity },
  { day: 6, minute: 8 * 60, rate: 500 },
  { day: 0, minute: 12 * 60, rate: 700 },
]

test.each([
  ['Monday, before the first entry: as since Sunday evening', '2026-01-05T07:59:59', Infinity],
  ['Monday at the entry', '2026-01-05T08:00:00', 100],
  ['Monday, later', '2026-01-05T17:59:59', 100],
  ['Monday evening', '2026-01-05T18:00:00', Infinity],
  ['Saturday, where its own entry comes before that of every day', '2026-01-10T08:00:00', 500],
  ['Sunday, where that of every day holds', '2026-01-11T08:00:00', 100],
  ['Sunday, until its own', '2026-01-11T12:00:00', 700],
])('%s', (_, time, rate) => {
  expect(rateAt(workdays, new Date(time))).toBe(rate)
})

test('an entry holds for a week where it is the only one', () => {
  const only: Timetable = [{ day: 3, minute: 0, rate: 5 }]
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (time) => {
      expect(rateAt(only, time)).toBe(5)
    }),
  )
})

test('without entries there is no limit', () => {
  expect(rateAt([], new Date())).toBe(Infinity)
})

/** So many minutes after a Sunday began. */
function sundayAnd(minutes: number): Date {
  return new Date(Date.UTC(2026, 0, 4, 0, minutes))
}

test('the entry that holds is the last one that a walk back through the minutes meets', () => {
  const entry = fc.record({
    day: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    minute: fc.integer({ min: 0, max: 1439 }),
    rate: fc.integer({ min: 1, max: 1000 }),
  })
  const table = fc.uniqueArray(entry, {
    minLength: 1,
    maxLength: 8,
    selector: ({ day, minute }) => `${day} ${minute}`,
  })
  fc.assert(
    fc.property(table, fc.integer({ min: 0, max: 7 * 1440 - 1 }), (timetable, at) => {
      process.env['TZ'] = 'UTC'
      let expected: number | undefined
      for (let minutes = at; expected === undefined; minutes--) {
        const then = sundayAnd(minutes)
        const here = timetable.filter(
          ({ day, minute }) =>
            minute === then.getUTCHours() * 60 + then.getUTCMinutes() &&
            (day === undefined || day === then.getUTCDay()),
        )
        expected = (here.find(({ day }) => day !== undefined) ?? here[0])?.rate
      }
      expect(rateAt(timetable, sundayAnd(at))).toBe(expected)
    }),
  )
})

describe('when the clocks change', () => {
  const nights: Timetable = [
    { day: undefined, minute: 0, rate: 1 },
    { day: undefined, minute: 2 * 60 + 30, rate: 2 },
    { day: undefined, minute: 3 * 60, rate: 3 },
    { day: undefined, minute: 8 * 60, rate: 4 },
  ]

  test.each([
    ['a minute before the hour that is left out', '2026-03-29T00:59:00Z', 1],
    ['right after it', '2026-03-29T01:00:00Z', 3],
    ['eight in the morning', '2026-03-29T06:00:00Z', 4],
    ['in the hour that comes twice', '2026-10-25T00:30:00Z', 2],
    ['when it has begun again', '2026-10-25T01:00:00Z', 1],
    ['in its second half again', '2026-10-25T01:30:00Z', 2],
    ['after it', '2026-10-25T02:00:00Z', 3],
    ['eight in the morning', '2026-10-25T07:00:00Z', 4],
    ['a minute before that', '2026-10-25T06:59:00Z', 3],
  ])('%s (%s)', (_, time, rate) => {
    process.env['TZ'] = 'Europe/Berlin'
    expect(rateAt(nights, new Date(time))).toBe(rate)
  })
})
