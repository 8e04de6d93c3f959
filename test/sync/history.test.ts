import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy } from '../../src/sync/copy.ts'
import { sync } from '../../src/sync/sync.ts'
import { failure } from '../conformance/tools.ts'
import { temporaryState } from '../transfer/tools.ts'
import { fill, place } from './tools.ts'

test('runs are remembered with what they did and how they ended; dry runs are not', async () => {
  const state = await temporaryState()
  const [from, to] = [memoryStore({ name: 'from' }), memoryStore({ name: 'to' })]
  await fill(from, 'dir/a', 'dir/b')
  await sync(place(from, 'dir'), place(to, 'x'), { state, dryRun: true })
  const given = { delete: true, update: false, rules: [], missingIsEmpty: false }
  await sync(place(from, 'dir'), place(to, 'x'), { state, ...given })
  await copy([place(from, 'dir/a')], place(to, 'y'), { state })
  await failure(copy([place(from, 'none')], place(to, 'y'), { state }), 'not-found')
  const [failed, copied, synced, ...others] = await Array.fromAsync(state.runs.list(10))
  expect(others).toEqual([])
  expect(synced).toMatchObject({
    command: 'sync',
    from: 'memory://from/dir/',
    to: 'memory://to/x/',
    options: { delete: true },
    exitCode: 0,
    summary: { copied: 2, failed: 0 },
  })
  expect(synced?.options).toEqual({ delete: true })
  expect(copied).toMatchObject({ command: 'copy', exitCode: 0, summary: { copied: 1 } })
  expect(failed).toMatchObject({ command: 'copy', exitCode: 4 })
})
