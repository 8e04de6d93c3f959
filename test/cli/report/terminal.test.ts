import { beforeEach, expect, test } from 'vitest'
import { TerminalReporter } from '../../../src/cli/report/terminal.ts'
import type { HawserEvent } from '../../../src/core/events.ts'
import { begin, done, failure, progress, Screen, start, summary } from './recorded.ts'

const mebibyte = 1024 ** 2
let screen: Screen
let reporter: TerminalReporter

beforeEach(() => {
  screen = new Screen()
  reporter = new TerminalReporter({ quiet: false, verbosity: 0 }, () => screen)
})

function at(now: number, ...events: HawserEvent[]): void {
  for (const event of events) screen.write(reporter.event(event, now))
  screen.write(reporter.tick(now))
}

const plan: HawserEvent = { type: 'plan', objects: 4, bytes: 100 * mebibyte, complete: true }

test('shows the whole, and each transfer that takes its time', () => {
  at(0, start, plan, begin('a.bin', 60 * mebibyte), begin('b.bin', 40 * mebibyte))
  at(1000, progress('a.bin', 30 * mebibyte, 60 * mebibyte))
  at(2000, progress('b.bin', 20 * mebibyte, 40 * mebibyte))
  expect(screen.lines).toEqual([
    '50%  50.0 MiB of 100 MiB  25.0 MiB/s  0 of 4 objects  2.0 s left',
    expect.stringMatching(/^ {2}s3:\/\/bucket\/a\.bin +50% {2}30\.0 MiB of 60\.0 MiB$/),
    expect.stringMatching(/^ {2}s3:\/\/bucket\/b\.bin +50% {2}20\.0 MiB of 40\.0 MiB$/),
  ])
})

test('tells no time that is left from the little that came before the first large part', () => {
  at(0, start, plan, begin('small', 1024), begin('a.bin', 60 * mebibyte))
  at(1000, done('small', 1024))
  expect(screen.lines[0]).toBe('0%  1.00 KiB of 100 MiB  1.00 KiB/s  1 of 4 objects')
})

test('draws in place, at most ten times a second, and leaves only the summary', () => {
  at(0, start, plan, begin('a.bin', mebibyte))
  expect(reporter.tick(50)).toBe('')
  for (let now = 100; now <= 3000; now += 100) at(now, progress('a.bin', now, mebibyte))
  expect(screen.lines).toHaveLength(2)
  at(3100, done('a.bin', mebibyte), {
    type: 'summary',
    summary: summary({ copied: 1, bytes: mebibyte }),
  })
  screen.write(reporter.end())
  expect(screen.lines).toEqual(['copied 1 object (1.00 MiB) in 14 s, 0 unchanged, 0 failed', ''])
  expect(reporter.tick(9000)).toBe('')
})

test('permanent lines go above what is drawn', () => {
  at(0, start, plan, begin('a.bin', mebibyte))
  at(1000, { type: 'error', error: failure('b.bin') })
  at(1200)
  screen.write(reporter.note('hawser: stopping'))
  at(1400)
  expect(screen.lines).toEqual([
    'hawser: cannot write s3://bucket/b.bin: access denied',
    '  Check the policies.',
    'hawser: stopping',
    expect.stringContaining('1 failed'),
    expect.stringContaining('a.bin'),
  ])
})

test('never wraps, whatever the width and the names', () => {
  for (const columns of [1, 5, 20, 40, 200]) {
    screen = new Screen(columns)
    reporter = new TerminalReporter({ quiet: false, verbosity: 0 }, () => screen)
    at(0, start, plan, begin('你好'.repeat(60), mebibyte), begin('a\u001b[2Jb\n', mebibyte))
    at(1000)
    at(2000)
    expect(screen.lines).toHaveLength(3)
    expect(screen.lines.join('')).not.toContain('\u001b')
  }
})

test('where there is little room, a transfer keeps the end of its name', () => {
  screen = new Screen(40)
  reporter = new TerminalReporter({ quiet: false, verbosity: 0 }, () => screen)
  const name = 'a/long/way/to/the/directory/weights.bin'
  at(0, start, plan, begin(name, mebibyte), progress(name, mebibyte / 2, mebibyte))
  at(1000)
  expect(screen.lines[1]).toMatch(/^ {2}….*directory\/weights\.bin {3}50%$/)
  expect(screen.lines[1]?.length).toBeLessThan(40)
})

test('finds its lines again after the terminal became narrower', () => {
  at(0, start, plan, begin('a.bin', mebibyte))
  at(1000)
  const rows = screen.lines.reduce((sum, line) => sum + Math.ceil(line.length / 20), 0)
  expect(rows).toBeGreaterThan(screen.lines.length)
  screen.columns = 20
  expect(reporter.end()).toBe(`\r\u001b[${rows - 1}A\u001b[J`)
})

test('shows no more transfers than there is room for', () => {
  screen.rows = 5
  at(0, start, plan, ...Array.from({ length: 20 }, (_, i) => begin(`f${i}`, 10)))
  at(1000)
  expect(screen.lines).toHaveLength(4)
  screen.rows = 50
  at(2000)
  expect(screen.lines).toHaveLength(9)
})

test('of a stream and of removals nobody knows the whole', () => {
  at(0, start, begin('stream', 0), progress('stream', mebibyte, mebibyte))
  at(1000)
  expect(screen.lines).toEqual([
    '1.00 MiB  1.00 MiB/s  0 objects',
    expect.stringMatching(/^ {2}s3:\/\/bucket\/stream +1\.00 MiB$/),
  ])
  reporter = new TerminalReporter({ quiet: false, verbosity: 0 }, () => screen)
  screen = new Screen()
  const address = 's3://bucket/a'
  at(0, start, {
    type: 'done',
    action: 'remove',
    address,
    size: 5,
    sent: 0,
    saved: 0,
    dryRun: false,
  })
  expect(screen.lines).toEqual(['1 object'])
})

test('what was there already is done, and does not count as sent', () => {
  const size = 100 * mebibyte
  at(0, start, plan, begin('a.bin', size), progress('a.bin', 0, size, { scanned: 25 * mebibyte }))
  at(1000)
  expect(screen.lines).toEqual([
    expect.stringMatching(
      /^0% {2}0 B of 100 MiB {2}scanned 25\.0 MiB of 100 MiB at 25\.0 MiB\/s {2}0 of/,
    ),
    expect.stringMatching(/ 25% {2}25\.0 MiB of 100 MiB scanned$/),
  ])
  at(2000, progress('a.bin', 92 * mebibyte, size, { sent: 2 * mebibyte, saved: 90 * mebibyte }))
  expect(screen.lines).toEqual([
    expect.stringMatching(/^92% {2}92\.0 MiB of 100 MiB {2}saved 90\.0 MiB {2}1\.00 MiB\/s/),
    expect.stringMatching(/ 92% {2}92\.0 MiB of 100 MiB$/),
  ])
})

test('a scan has its own size and rate, and does not slow down what comes after it', () => {
  const size = 100 * mebibyte
  const scan = (scanned: number) => progress('a.bin', 0, size, { scanned, toScan: 2 * size })
  at(0, start, { ...plan, objects: 1 }, begin('a.bin', size), scan(0))
  for (let now = 1000; now <= 4000; now += 1000) at(now, scan((now / 1000) * 50 * mebibyte))
  expect(screen.lines).toEqual([
    '0%  0 B of 100 MiB  scanned 200 MiB of 200 MiB at 50.0 MiB/s  0 of 1 objects',
    expect.stringMatching(/ 100% {2}200 MiB of 200 MiB scanned$/),
  ])
  screen.columns = 120
  const saved = 60 * mebibyte
  at(4500, progress('a.bin', 0, size, { sent: 0, saved }))
  at(5500, progress('a.bin', 70 * mebibyte, size, { sent: 10 * mebibyte, saved }))
  expect(screen.lines[0]).toMatch(/ saved 60\.0 MiB {2}10\.0 MiB\/s .* 3\.0 s left$/)
})

test('where all bytes have come, it says what is done with them', () => {
  const size = 100 * mebibyte
  at(0, start, plan, begin('a.bin', size), begin('b.bin', size))
  at(1000, progress('a.bin', size, size, { step: 'finishing' }))
  expect(screen.lines[0]).toMatch(/ 100 MiB\/s /)
  at(2000, progress('b.bin', size, size, { step: 'verifying' }))
  expect(screen.lines).toEqual([
    '100%  200 MiB of 100 MiB  finishing  0 of 4 objects',
    expect.stringMatching(/ 100% {2}100 MiB of 100 MiB finishing$/),
    expect.stringMatching(/ 100% {2}100 MiB of 100 MiB verifying$/),
  ])
  at(3000, done('a.bin', size))
  expect(screen.lines[0]).toContain('  verifying  ')
})

test('a dry run shows what it scans, and nothing else', () => {
  at(0, { ...start, dryRun: true }, plan, begin('a.bin', mebibyte))
  at(1000)
  expect(screen.lines).toEqual([''])
  at(2000, progress('a.bin', 0, mebibyte, { scanned: mebibyte / 2 }))
  expect(screen.lines).toHaveLength(2)
  at(3000, done('a.bin', mebibyte, true))
  expect(screen.lines).toEqual([''])
})

test('an object that failed no longer counts as sent', () => {
  at(0, start, plan, begin('a.bin', 100 * mebibyte))
  at(1000, progress('a.bin', 50 * mebibyte, 100 * mebibyte))
  at(2000, { type: 'error', error: failure('a.bin') })
  at(3000)
  expect(screen.lines.at(-1)).toMatch(/^0% {2}0 B of 100 MiB {2}0 B\/s .* 1 failed$/)
})
