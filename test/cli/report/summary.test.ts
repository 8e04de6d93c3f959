import { expect, test } from 'vitest'
import { summaryLine } from '../../../src/cli/report/summary.ts'
import { summary } from './recorded.ts'

test.each([
  [
    { copied: 20_134, bytes: 312 * 1024 ** 2, unchanged: 12 },
    'copied 20,134 objects (312 MiB) in 14 s, 12 unchanged, 0 failed',
  ],
  [
    { copied: 1, bytes: 5, updated: 2, removed: 1, skipped: 3, archived: 2, failed: 4 },
    'copied 1 object (5 B), set the attributes of 2, removed 1 object in 14 s, 0 unchanged, 3 skipped, 2 archived, 4 failed',
  ],
  [
    { copied: 1, bytes: 286 * 1024 ** 2, saved: 281 * 1024 ** 2 },
    'copied 1 object (286 MiB, saved 281 MiB) in 14 s, 0 unchanged, 0 failed',
  ],
  [
    { dryRun: true, moved: 1, bytes: 286 * 1024 ** 2, saved: 281 * 1024 ** 2 },
    'would move 1 object (286 MiB, would save 281 MiB) in 14 s, 0 unchanged, 0 failed',
  ],
  [
    { copied: 1, renamed: 4, bytes: 800_003, saved: 800_000, removed: 4 },
    'copied 1 and renamed 4 objects (781 KiB, saved 781 KiB), removed 4 objects in 14 s, 0 unchanged, 0 failed',
  ],
  [
    { dryRun: true, renamed: 1, bytes: 5, saved: 5 },
    'would rename 1 object (5 B, would save 5 B) in 14 s, 0 unchanged, 0 failed',
  ],
  [{ unchanged: 7, failed: 2 }, 'nothing done in 14 s, 7 unchanged, 2 failed'],
  [{ unchanged: 7 }, 'nothing to do in 14 s, 7 unchanged, 0 failed'],
  [
    { dryRun: true, copied: 2, bytes: 2048, removed: 1 },
    'would copy 2 objects (2.00 KiB), would remove 1 object in 14 s, 0 unchanged, 0 failed',
  ],
  [
    { command: 'copy', copied: 1, bytes: 5, skipped: 2 },
    'copied 1 object (5 B) in 14 s, 2 skipped, 0 failed',
  ],
  [{ command: 'move', failed: 1 }, 'nothing done in 14 s, 1 failed'],
  [{ command: 'remove', removed: 2 }, 'removed 2 objects in 14 s, 0 failed'],
])('%j', (fields, line) => {
  expect(summaryLine(summary(fields))).toBe(line)
})
