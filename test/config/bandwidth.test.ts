import { expect, test } from 'vitest'
import { parseBandwidth } from '../../src/config/bandwidth.ts'
import { resolveOptions } from '../../src/config/option.ts'
import { globalOptions } from '../../src/config/options.ts'

const KiB = 1024
const at = (hour: number, rate: number, day?: number) => ({ day, minute: hour * 60, rate })

test.each([
  ['10M', 10 * KiB ** 2],
  ['1.5 MiB/s', 1.5 * KiB ** 2],
  ['off', Infinity],
  [' OFF ', Infinity],
])('%j is one rate', (text, rate) => {
  expect(parseBandwidth(text)).toBe(rate)
})

test.each([
  [
    '08:00,512K 12:00,10M 13:00,512k 18:00,30M/s 23:00,off',
    [
      at(8, 512 * KiB),
      at(12, 10 * KiB ** 2),
      at(13, 512 * KiB),
      at(18, 30 * KiB ** 2),
      at(23, Infinity),
    ],
  ],
  ['0:30,1000', [{ day: undefined, minute: 30, rate: 1000 }]],
  [
    '  Mon-09:00,1M;sunday-23:59,OFF\n',
    [at(9, KiB ** 2, 1), { day: 0, minute: 1439, rate: Infinity }],
  ],
  ['Mon-08:00,1K 08:00,2K; Tue-08:00,3K', [at(8, KiB, 1), at(8, 2 * KiB), at(8, 3 * KiB, 2)]],
])('%j is a timetable', (text, timetable) => {
  expect(parseBandwidth(text)).toEqual(timetable)
})

test.each([
  '',
  '0',
  'fast',
  ',',
  '08:00',
  '08:00,',
  '08:00,0',
  '08:00,fast',
  '08:00,512K 10M',
  '24:00,1M',
  '08:60,1M',
  '8,1M',
  '8:0,1M',
  'Moon-08:00,1M',
  '-08:00,1M',
  '08:00,1M 08:00,2M',
  'Mon-08:00,1M monday-8:00,1M',
  '1,5M',
  '10M:1M',
  '08:00,10M:1M',
])('%j is neither', (text) => {
  expect(parseBandwidth(text)).toBeUndefined()
})

function of(bwlimit: string) {
  return resolveOptions(globalOptions, { bwlimit }).bwlimit
}

test('the option takes all of them, from the environment too', () => {
  expect(of('10M')).toBe(10 * KiB ** 2)
  expect(of('8:00,1K')).toEqual([at(8, KiB)])
  const environment = { HAWSER_BWLIMIT: 'Sat-8:00,off' }
  expect(resolveOptions(globalOptions, {}, environment).bwlimit).toEqual([at(8, Infinity, 6)])
  expect(resolveOptions(globalOptions, { bwlimit: 'off' }, environment).bwlimit).toBe(Infinity)
  expect(() => of('08:00')).toThrow(
    '--bwlimit takes bytes for each second, such as 10M or 1.5MB, off, or a timetable such as "08:00,512K 18:00,off", not "08:00"',
  )
})
