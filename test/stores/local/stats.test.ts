import { lstat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { utimesText } from '../../../src/stores/local/stats.ts'
import { testDirectory } from './directory.ts'

test('a time is set exactly or less than 240 ns late, and its microseconds stay', async () => {
  const path = join(await testDirectory(), 'file')
  await writeFile(path, '')
  // What every file system holds.
  const from1902To2038 = fc.bigInt({ min: 1n - 2n ** 31n, max: 2n ** 31n - 2n })
  const nanoseconds = fc.bigInt({ min: 0n, max: 999_999_999n })
  await fc.assert(
    fc.asyncProperty(from1902To2038, nanoseconds, async (seconds, rest) => {
      for (const precision of [1n, 1_000n, 1_000_000_000n]) {
        const exact = seconds * 1_000_000_000n + rest
        const time = (exact / precision) * precision
        await utimes(path, utimesText(time), utimesText(time))
        const { mtimeNs } = await lstat(path, { bigint: true })
        expect(mtimeNs - time).toBeGreaterThanOrEqual(0n)
        expect(mtimeNs - time).toBeLessThan(240n)
        if (precision === 1_000_000_000n) expect(mtimeNs).toBe(time)
      }
    }),
    { numRuns: 100 },
  )
})
