import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copyFromStream } from '../../src/sync/copy-stream.ts'
import { bytesOf, expectSame, failure, get } from '../conformance/tools.ts'
import { Given, KiB, temporaryState } from '../transfer/tools.ts'
import { Events, names, place } from './tools.ts'

test('a dry run reads a stream to its end, and writes nothing', async () => {
  const to = memoryStore()
  const input = Readable.from([bytesOf(3), bytesOf(4)])
  const options = { state: await temporaryState(), dryRun: true }
  const { summary } = await copyFromStream(input, place(to, 'x/a'), options)
  expect(summary).toMatchObject({ dryRun: true, copied: 1, bytes: 7 })
  expect(input.readableEnded).toBe(true)
  expect(await names(to)).toEqual([])
  const metadata = { mtime: '3' }
  const refused = copyFromStream(Readable.from([]), place(to, 'a'), { ...options, metadata })
  await failure(refused, 'invalid-argument')
})

test('a stream goes to a key, and to nothing else', async () => {
  const to = memoryStore()
  const bytes = bytesOf(500 * KiB)
  const state = await temporaryState()
  const events = new Events()
  const options = { state, partSize: 100 * KiB, onEvent: events.sink }
  const input = new Given([bytes.subarray(0, 1), bytes.subarray(1)])
  const { summary } = await copyFromStream(input, place(to, 'x/a'), options)
  expect(summary).toMatchObject({ copied: 1, bytes: 500 * KiB, failed: 0 })
  expectSame(await get(to, 'x/a'), bytes)
  events.expectSummaryLast()
  for (const prefix of ['', 'x/'])
    await failure(copyFromStream(input, place(to, prefix), options), 'invalid-argument')
  expect((await to.stat(toKey('x/a'))).size).toBe(500 * KiB)
})
