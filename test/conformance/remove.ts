// Removing: as keys come, each with its own answer.
import { expect, test } from 'vitest'
import type { Bench } from './suite.ts'
import { failure, getText, key, keys, put, remove } from './tools.ts'

export function removeTests(bench: Bench): void {
  test('what is absent counts as removed', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}here`)
    const names = [`${prefix}here`, `${prefix}absent`, `${prefix}no/such/path`]
    const removed = await remove(store, ...names)
    expect(removed.map((removal) => removal.key).toSorted()).toEqual(names.toSorted())
    expect(removed.filter((removal) => removal.error)).toEqual([])
    await failure(store.stat(key(`${prefix}here`)), 'not-found')
  })

  test('only what is asked for goes', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of ['a', 'ab', 'b/a', 'b/b']) await put(store, prefix + name)
    await remove(store, `${prefix}a`, `${prefix}b/a`)
    expect(await keys(store, prefix)).toEqual(['ab', 'b/b'])
  })

  test('an object that changed is not removed, and the others are', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const { etag: old } = await put(store, `${prefix}changed`, 'old')
    await put(store, `${prefix}changed`, 'newer')
    const { etag } = await put(store, `${prefix}same`)
    const removed = await remove(
      store,
      { key: key(`${prefix}changed`), etag: old },
      { key: key(`${prefix}same`), etag },
    )
    const errors = Object.fromEntries(removed.map(({ key: name, error }) => [name, error]))
    expect(errors).toEqual({
      [`${prefix}changed`]: expect.objectContaining({ code: 'precondition-failed' }),
      [`${prefix}same`]: undefined,
    })
    expect(await getText(store, `${prefix}changed`)).toBe('newer')
    expect(await keys(store, prefix)).toEqual(['changed'])
  })

  test('nothing to remove', async () => {
    expect(await remove(bench.store)).toEqual([])
  })
}
