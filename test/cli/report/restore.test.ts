import { expect, test } from 'vitest'
import { restorePlanLine } from '../../../src/cli/report/restore.ts'
import type { RestorePlan } from '../../../src/core/events.ts'

function planOf(requests: number, retrieval: number): RestorePlan {
  const cost = { requests, retrieval, storage: 0, total: requests + retrieval, currency: 'USD' }
  const found = { objects: 3, bytes: 2048, thawing: 0, readable: 1 }
  return { ...found, tier: 'bulk', days: 2, cost }
}

test.each([
  [0, 0, '$0'],
  [0.001, 0, 'under $0.01'],
  [0.001, 0.002, 'under $0.01 (requests under $0.01, retrieval under $0.01)'],
  [0.5, 12, 'about $12.50 (requests $0.50, retrieval $12.00)'],
])('requests for %s and retrieval for %s', (requests, retrieval, expected) => {
  const line = restorePlanLine(planOf(requests, retrieval))
  expect(line).toBe(
    `3 objects (2.00 KiB) to thaw, bulk, for 2 days: ${expected}; 0 on their way, 1 readable`,
  )
})
