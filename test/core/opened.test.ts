import { expect, test } from 'vitest'
import { Opened } from '../../src/core/opened.ts'

function resource(name: string, closed: string[], failure?: Error): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      closed.push(name)
      if (failure) throw failure
    },
  }
}

test('closes the last first, all of them, once, and tells the first failure', async () => {
  const closed: string[] = []
  const opened = new Opened()
  opened.use(resource('a', closed))
  opened.use(resource('b', closed, new Error('b failed')))
  opened.use(resource('c', closed, new Error('c failed')))
  await expect(opened[Symbol.asyncDispose]()).rejects.toThrow('c failed')
  expect(closed).toEqual(['c', 'b', 'a'])
  await opened[Symbol.asyncDispose]()
  expect(closed).toHaveLength(3)
})

test('what was moved is closed by its new owner only', async () => {
  const closed: string[] = []
  const opened = new Opened()
  opened.use(resource('a', closed))
  const owner = opened.move()
  await opened[Symbol.asyncDispose]()
  expect(closed).toEqual([])
  await owner[Symbol.asyncDispose]()
  expect(closed).toEqual(['a'])
})
