import { expect, test } from 'vitest'
import { openState } from '../../src/state/state.ts'
import { temporaryDirectory, temporaryState } from './fixtures.ts'

test('a destination has one holder, also within a process, until it is disposed', async () => {
  const directory = await temporaryDirectory()
  const one = await temporaryState(directory)
  const two = await temporaryState(directory)
  const lock = await one.lock('there')
  const refused = { code: 'conflict', message: expect.stringContaining(`process ${process.pid}`) }
  await expect(one.lock('there')).rejects.toMatchObject(refused)
  await expect(two.lock('there')).rejects.toMatchObject(refused)
  await lock[Symbol.asyncDispose]()
  await lock[Symbol.asyncDispose]()
  const next = await two.lock('there')
  await expect(one.lock('there')).rejects.toMatchObject(refused)
  expect(next.holderDied).toBe(false)
  await next[Symbol.asyncDispose]()
})

test('the end of a state frees its locks', async () => {
  const directory = await temporaryDirectory()
  const one = await openState(directory)
  const lock = await one.lock('there')
  await one[Symbol.asyncDispose]()
  const two = await temporaryState(directory)
  await two.lock('there')
  await lock[Symbol.asyncDispose]()
  await expect(two.lock('there')).rejects.toMatchObject({ code: 'conflict' })
})

test('of twenty that ask at once, one gets it', async () => {
  const state = await temporaryState()
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => state.lock('there')))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})
