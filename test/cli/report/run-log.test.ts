import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RunLog } from '../../../src/cli/report/run-log.ts'
import { HawserError } from '../../../src/core/errors.ts'
import type { HawserEvent } from '../../../src/core/events.ts'
import { logOf } from '../../../src/state/logs.ts'
import { temporaryDirectory } from '../../transfer/tools.ts'
import { summary } from './recorded.ts'

const run = '20261121T040937123-0a1b2c'
const start: HawserEvent = {
  type: 'start',
  command: 'sync',
  from: 'a',
  to: 'b',
  dryRun: false,
  run,
}
const done: HawserEvent = {
  type: 'done',
  action: 'copy',
  address: '/b/ä',
  size: 1,
  sent: 1,
  saved: 0,
  dryRun: false,
}
const error: HawserEvent = { type: 'error', error: new HawserError('offline', 'no', { op: 'x' }) }

test('a log that is full takes failures for a while, and the totals always', async () => {
  const directory = await temporaryDirectory()
  const told: string[] = []
  const log = new RunLog(directory, (message) => told.push(message), 20_000)
  log.take(start)
  for (let i = 0; i < 1000; i++) log.take(done)
  for (let i = 0; i < 1000; i++) log.take(error)
  log.take(done)
  log.take({ type: 'summary', summary: summary({ copied: 1000 }) })
  log.end()

  const text = readFileSync(logOf(directory, run), 'utf8')
  expect(text.length).toBeGreaterThan(40_000)
  expect(text.length).toBeLessThan(42_000)
  const kinds = text.split('\n').map((line) => /"type":"([a-z]+)"/.exec(line)?.[1])
  const changes = kinds.filter((kind, i) => kind !== kinds[i - 1])
  expect(changes).toEqual(['start', 'done', 'warn', 'error', 'summary', undefined])
  expect(kinds.filter((kind) => kind === 'warn')).toHaveLength(1)
  expect(told).toEqual([])
})
