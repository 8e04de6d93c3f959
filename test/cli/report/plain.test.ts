import { expect, test } from 'vitest'
import { PlainReporter } from '../../../src/cli/report/plain.ts'
import type { HawserEvent } from '../../../src/core/events.ts'
import { begin, done, failure, progress, start, summary } from './recorded.ts'

const loud = { quiet: false, verbosity: 0 }

test('tells how far it is after each interval', () => {
  const reporter = new PlainReporter(loud, 10_000)
  const plan: HawserEvent = { type: 'plan', objects: 2, bytes: 2048, complete: false }
  expect([start, plan, begin('a', 1024)].map((event) => reporter.event(event, 0)).join('')).toBe('')
  expect(reporter.tick(9_900)).toBe('')
  expect(reporter.event(progress('a', 512, 1024), 9_950)).toBe('')
  expect(reporter.tick(10_000)).toBe('512 B of 2.00 KiB+  51 B/s  0 of 2+ objects\n')
  expect(reporter.tick(10_100)).toBe('')
})

test('says nothing of progress where it is told so', () => {
  const reporter = new PlainReporter(loud, undefined)
  reporter.event(start, 0)
  expect(reporter.tick(1_000_000)).toBe('')
})

test('names what is done with -v, and what the service said', () => {
  const reporter = new PlainReporter({ quiet: false, verbosity: 1 }, undefined)
  expect(reporter.event(done('a\nb', 1536), 0)).toBe('copied s3://bucket/a\\nb (1.50 KiB)\n')
  expect(reporter.event({ type: 'error', error: failure('c') }, 0)).toBe(
    'hawser: cannot write s3://bucket/c: access denied\n  Check the policies.\n  (status 403, request R1, code permission-denied)\n',
  )
  expect(reporter.event({ type: 'retry', error: failure('c'), attempt: 1, delay: 200 }, 0)).toBe(
    'trying again in 0.2 s (1): cannot write s3://bucket/c: access denied\n',
  )
})

test('tells the first retry, so that nobody waits without a word, and with -v each', () => {
  const retry: HawserEvent = { type: 'retry', error: failure('c'), attempt: 1, delay: 200 }
  const line = 'trying again in 0.2 s (1): cannot write s3://bucket/c: access denied\n'
  const told = (quiet: boolean, verbosity: number): string[] => {
    const reporter = new PlainReporter({ quiet, verbosity }, undefined)
    return [reporter.event(retry, 0), reporter.event(retry, 0)]
  }
  expect(told(false, 0)).toEqual([line, ''])
  expect(told(false, 1)).toEqual([line, line])
  expect(told(true, 0)).toEqual(['', ''])
})

test('does not repeat the few failures that are still in sight', () => {
  const reporter = new PlainReporter(loud, undefined)
  for (let i = 0; i < 3; i++) reporter.event({ type: 'error', error: failure(`k${i}`) }, 0)
  expect(reporter.event({ type: 'summary', summary: summary({ failed: 3 }) }, 0)).toBe(
    'nothing done in 14 s, 0 unchanged, 3 failed\n',
  )
})

test('names failures again at the end, up to twenty', () => {
  const reporter = new PlainReporter(loud, undefined)
  for (let i = 0; i < 25; i++) reporter.event({ type: 'error', error: failure(`k${i}`) }, 0)
  const end = reporter.event({ type: 'summary', summary: summary({ failed: 25 }) }, 0)
  const lines = end.trimEnd().split('\n')
  expect(lines[0]).toBe('25 failed:')
  expect(lines[1]).toBe('  cannot write s3://bucket/k0: access denied')
  expect(lines.slice(-2)).toEqual(['  and 5 more', 'nothing done in 14 s, 0 unchanged, 25 failed'])
  expect(lines).toHaveLength(23)
})

test('quiet leaves only errors', () => {
  const reporter = new PlainReporter({ quiet: true, verbosity: 0 }, undefined)
  const events: HawserEvent[] = [
    start,
    { type: 'warn', message: 'odd', address: undefined },
    done('a', 1),
    { type: 'summary', summary: summary({ copied: 1 }) },
  ]
  expect(events.map((event) => reporter.event(event, 0)).join('')).toBe('')
  expect(reporter.event({ type: 'error', error: failure('c') }, 0)).toContain('access denied')
})
