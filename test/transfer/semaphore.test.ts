import { expect, test } from 'vitest'
import { forEachConcurrent, Semaphore } from '../../src/transfer/semaphore.ts'
import { failure } from '../conformance/tools.ts'
import { Given, settled } from './tools.ts'

/** Acquires, and notes the name when the permits are there. */
function acquiring(semaphore: Semaphore, noted: string[]) {
  return (name: string, want: number, signal?: AbortSignal): Promise<void> =>
    semaphore.acquire(want, signal).then(() => void noted.push(name))
}

test('permits are granted in the order in which they were asked for', async () => {
  const semaphore = new Semaphore(2)
  const granted: string[] = []
  const acquire = acquiring(semaphore, granted)
  const all = [acquire('a', 2), acquire('b', 2), acquire('c', 1), acquire('d', 1)]
  await settled()
  expect(granted).toEqual(['a'])
  semaphore.release(1)
  await settled()
  // `c` would fit, but `b` came first.
  expect(granted).toEqual(['a'])
  semaphore.release(1)
  await settled()
  expect(granted).toEqual(['a', 'b'])
  semaphore.release(2)
  await Promise.all(all)
  expect(granted).toEqual(['a', 'b', 'c', 'd'])
})

test('one that comes later does not pass those that wait', async () => {
  const semaphore = new Semaphore(3)
  const granted: string[] = []
  const acquire = acquiring(semaphore, granted)
  await acquire('a', 2)
  const waiting = acquire('b', 2)
  const later = acquire('c', 1)
  await settled()
  expect(granted).toEqual(['a'])
  semaphore.release(2)
  await Promise.all([waiting, later])
  expect(granted).toEqual(['a', 'b', 'c'])
})

test('an abort while waiting takes nothing, and lets the next one go', async () => {
  const semaphore = new Semaphore(2)
  const granted: string[] = []
  const acquire = acquiring(semaphore, granted)
  await acquire('a', 1)
  const controller = new AbortController()
  const aborted = failure(acquire('big', 2, controller.signal), 'interrupted')
  const next = acquire('b', 1)
  controller.abort(new Error('any reason'))
  await aborted
  await next
  expect(granted).toEqual(['a', 'b'])
  semaphore.release(2)
  // Two permits in all: a third one must wait.
  await acquire('c', 2)
  const third = acquire('d', 1)
  await settled()
  expect(granted).toEqual(['a', 'b', 'c'])
  semaphore.release(1)
  await third
})

test('an abort after the grant changes nothing', async () => {
  const semaphore = new Semaphore(1)
  const controller = new AbortController()
  await semaphore.acquire(1, controller.signal)
  const waiting = semaphore.acquire(1, controller.signal)
  semaphore.release()
  await waiting
  controller.abort()
  semaphore.release()
  await semaphore.acquire()
  await failure(semaphore.acquire(1, controller.signal), 'interrupted')
})

test('forEachConcurrent runs as many at once as it may, and pulls only what can start', async () => {
  const items = new Given(Array.from({ length: 20 }, (_, i) => i))
  let running = 0
  let most = 0
  const done: number[] = []
  await forEachConcurrent(items, 3, async (item) => {
    most = Math.max(most, ++running)
    await settled()
    expect(items.given).toBeLessThanOrEqual(done.length + 3)
    running--
    done.push(item)
  })
  expect(most).toBe(3)
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('the first failure stops the pulling, closes the stream, and is thrown when all has ended', async () => {
  const items = new Given([1, 2, 3, 4, 5, 6])
  const ended: number[] = []
  const running = forEachConcurrent(items, 3, async (item) => {
    await settled()
    if (item === 2) throw new Error('the second one')
    await settled()
    ended.push(item)
    if (item === 3) throw new Error('the third one')
  })
  await expect(running).rejects.toThrow('the second one')
  expect(ended).toEqual([1, 3])
  expect(items.given).toBe(3)
  expect(items.closed).toBe(true)
})

test('nothing is begun after a failure that comes while the next item is waited for', async () => {
  const next = Promise.withResolvers<void>()
  const begun: number[] = []
  async function* items(): AsyncGenerator<number> {
    yield 1
    await next.promise
    yield 2
  }
  const running = forEachConcurrent(items(), 5, async (item) => {
    begun.push(item)
    throw new Error('failed')
  })
  await settled()
  next.resolve()
  await expect(running).rejects.toThrow('failed')
  expect(begun).toEqual([1])
})

/** Fails once all that it gave had time to run. */
async function* breaking(): AsyncGenerator<number> {
  yield 1
  yield 2
  await settled()
  throw new Error('the stream broke')
}

test('a stream that fails lets what is under way end first', async () => {
  const ended: number[] = []
  const running = forEachConcurrent(breaking(), 5, async (item) => {
    await settled()
    await settled()
    ended.push(item)
  })
  await expect(running).rejects.toThrow('the stream broke')
  expect(ended).toEqual([1, 2])
})

test('a failure comes before that of the stream it caused', async () => {
  const running = forEachConcurrent(breaking(), 5, async () => {
    throw new Error('first')
  })
  await expect(running).rejects.toThrow('first')
})
