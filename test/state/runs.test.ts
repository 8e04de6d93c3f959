import { expect, test } from 'vitest'
import { collect, temporaryState } from './fixtures.ts'

const sync = { command: 'sync', from: './a', to: 's3://bucket/a', options: { delete: true } }

test('runs are listed newest first, with what became of them', async () => {
  const { runs } = await temporaryState()
  const first = await runs.begin(sync)
  const second = await runs.begin({ command: 'ls', from: undefined, to: undefined, options: {} })
  expect(first < second).toBe(true)
  await runs.end(first, { copied: 3 }, 1)
  const [newest, oldest] = await collect(runs.list(10))
  expect(newest).toMatchObject({ id: second, command: 'ls', from: undefined, ended: undefined })
  expect(newest?.exitCode).toBeUndefined()
  expect(oldest).toMatchObject({ id: first, ...sync, exitCode: 1, summary: { copied: 3 } })
  expect(oldest?.ended?.getTime()).toBeGreaterThanOrEqual(oldest?.started.getTime() ?? Infinity)
})

test('the last thousand are kept, in the order of their ids', async () => {
  const { runs } = await temporaryState()
  const ids: string[] = []
  for (let i = 0; i < 1_003; i++) ids.push(await runs.begin(sync))
  const listed = (await collect(runs.list(5_000))).map(({ id }) => id)
  expect(listed).toEqual(ids.slice(3).toReversed())
  expect(await collect(runs.list(2))).toHaveLength(2)
  expect(await collect(runs.list(0))).toEqual([])
})

test('a run is found by its id, and by a beginning that no other has', async () => {
  const { runs } = await temporaryState()
  expect(await runs.latest()).toBeUndefined()
  const first = await runs.begin(sync)
  const second = await runs.begin({ ...sync, command: 'cp' })
  expect(await runs.get(first)).toMatchObject({ id: first, ...sync })
  expect(await runs.get(second.slice(0, -1))).toMatchObject({ id: second, command: 'cp' })
  expect(await runs.latest()).toMatchObject({ id: second })
  expect(await runs.get('1999')).toBeUndefined()
  await expect(runs.get(first.slice(0, 2))).rejects.toMatchObject({ code: 'invalid-argument' })
})
