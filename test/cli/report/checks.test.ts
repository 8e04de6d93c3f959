import { expect, test } from 'vitest'
import { checkedLine, checkSummaryLine, findingLine } from '../../../src/cli/report/checks.ts'
import { TerminalReporter } from '../../../src/cli/report/terminal.ts'
import type { Checked, CheckTotals, HawserEvent } from '../../../src/core/events.ts'
import { Screen } from './recorded.ts'

function checked(more: Partial<Checked>): HawserEvent & { type: 'checked' } {
  return {
    type: 'checked',
    verdict: 'equal',
    name: 'a',
    address: 's3://bucket/a',
    size: 5,
    by: undefined,
    expected: undefined,
    found: undefined,
    reason: undefined,
    ...more,
  }
}

test.each([
  [{ by: 'md5' }, 'equal s3://bucket/a (by MD5)'],
  [
    { verdict: 'differs', by: 'size', expected: '1', found: '2' },
    'differs s3://bucket/a (2 bytes, not 1)',
  ],
  [
    { verdict: 'differs', by: 'kind', expected: 'file', found: 'symlink' },
    'differs s3://bucket/a (a symlink, not a file)',
  ],
  [{ verdict: 'differs', by: 'md5' }, 'differs s3://bucket/a (MD5)'],
  [
    { verdict: 'damaged', by: 'crc64nvme', expected: '1f', found: '2e' },
    'damaged s3://bucket/a (CRC64NVME 2e, not 1f)',
  ],
  [{ verdict: 'damaged', by: 'md5', expected: '1f' }, 'damaged s3://bucket/a (MD5 is not 1f)'],
  [{ verdict: 'only-in-a', address: '/\u001b' }, 'only in A: /\\x1b'],
] as const)('%j', (more, line) => {
  expect(checkedLine(checked(more))).toBe(line)
})

test('what is as it should be is no finding, and what failed is told as an error', () => {
  for (const verdict of ['equal', 'intact', 'skipped', 'error'] as const)
    expect(findingLine(checked({ verdict }))).toBeUndefined()
  for (const verdict of ['differs', 'only-in-a', 'only-in-b', 'damaged', 'unproven'] as const)
    expect(findingLine(checked({ verdict }))).toBeDefined()
})

const totals: CheckTotals = {
  equal: 2000,
  differing: 1,
  onlyInA: 0,
  onlyInB: 3,
  intact: 1,
  damaged: 4,
  unproven: 5,
  skipped: 6,
  failed: 7,
  bytes: 2048,
  traffic: { requests: {}, sent: 0, received: 0 },
  milliseconds: 14_000,
}

test('totals', () => {
  expect(checkSummaryLine(totals, false)).toBe(
    '2,000 objects equal (2.00 KiB), 1 differs, 0 only in A, 3 only in B, 6 skipped, 7 failed in 14 s',
  )
  expect(checkSummaryLine({ ...totals, skipped: 0 }, true)).toBe(
    '1 object intact (2.00 KiB), 4 damaged, 5 without proof, 7 failed in 14 s',
  )
})

test('on a terminal progress counts what is checked, and makes room for a finding', () => {
  const screen = new Screen(120)
  const reporter = new TerminalReporter({ quiet: false, verbosity: 0 }, () => screen)
  const address = 's3://bucket/a'
  const take = (event: HawserEvent, now: number): void => screen.write(reporter.event(event, now))
  take({ type: 'start', command: 'check', from: '/a', to: '/b', dryRun: false }, 0)
  take({ type: 'plan', objects: 2, bytes: 4000, complete: true }, 0)
  take({ type: 'begin', action: 'check', address, size: 2000 }, 0)
  take({ type: 'progress', address, done: 1000, size: 2000 }, 500)
  screen.write(reporter.tick(500))
  expect(screen.lines[0]).toContain('0 of 2 objects')
  expect(screen.lines[1]).toContain('50%')
  screen.write(reporter.clear())
  expect(screen.lines).toEqual([''])
  take(checked({ verdict: 'differs', size: 2000 }), 600)
  screen.write(reporter.tick(700))
  expect(screen.lines[0]).toContain('1 of 2 objects')
  take({ type: 'check-summary', audit: false, totals }, 800)
  expect(screen.lines[0]).toContain('2,000 objects equal')
  expect(screen.lines.length).toBe(2)
})
