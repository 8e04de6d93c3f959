// What a store promises that gives objects other keys.
import { expect, test } from 'vitest'
import type { Rename } from '../../src/core/store.ts'
import type { Bench } from './suite.ts'
import { bytesOf, expectSame, failure, get, getText, key, keys, put } from './tools.ts'

export function renameTests(bench: Bench): void {
  const { profile } = bench

  function rename(...call: Parameters<Rename>): ReturnType<Rename> {
    const { store } = bench
    if (!store.rename) throw new Error('no rename')
    return store.rename(...call)
  }

  test('the object has the other key, and nothing else has changed', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const content = bytesOf(300_000, 5)
    const mtime = 1_000_000_000_000_000_000n
    const metadata: Record<string, string> = profile.metadata ? { note: 'kept' } : {}
    const { etag } = await put(store, `${prefix}a/from`, content, {
      attributes: { mtime },
      metadata,
    })
    const info = await rename({ key: key(`${prefix}a/from`), etag }, key(`${prefix}b/c/to`))
    expect(info).toMatchObject({ key: `${prefix}b/c/to`, size: content.length, metadata })
    expect(info.attributes.mtime).toBe(mtime)
    expect(await keys(store, prefix)).toEqual(['b/c/to'])
    expectSame(await get(store, `${prefix}b/c/to`), content)
    expect((await store.stat(key(`${prefix}b/c/to`))).etag).toBe(info.etag)
  })

  test('to its own key nothing happens', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const { etag } = await put(store, `${prefix}same`, 'x')
    const ref = { key: key(`${prefix}same`), etag }
    expect(await rename(ref, ref.key)).toMatchObject({ key: ref.key, size: 1 })
    await failure(rename(ref, ref.key, { condition: { kind: 'if-absent' } }), 'precondition-failed')
    expect(await getText(store, ref.key)).toBe('x')
  })

  if (profile.traits.hierarchical)
    test('directories are not renamed', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}dir/object`, 'x')
      const other = key(`${prefix}other`)
      await failure(rename({ key: key(`${prefix}dir/`) }, other), 'invalid-argument')
      await failure(rename({ key: key(`${prefix}dir`) }, other), 'not-found')
      await failure(
        rename({ key: key(`${prefix}dir/object`) }, key(`${prefix}a/`)),
        'invalid-argument',
      )
      await failure(rename({ key: key(`${prefix}dir/object`) }, key(`${prefix}dir`)), 'conflict')
      expect(await keys(store, prefix, { directories: true })).toEqual(['', 'dir/', 'dir/object'])
    })

  if (profile.traits.hierarchical)
    test('a directory that is to stay does, and what it lies in; others go', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}a/b/c/object`, 'x')
      const asked: string[] = []
      const keep = (directory: string): boolean => {
        asked.push(directory)
        return directory === `${prefix}a/b/`
      }
      await rename({ key: key(`${prefix}a/b/c/object`) }, key(`${prefix}object`), { keep })
      expect(asked).toEqual([`${prefix}a/b/c/`, `${prefix}a/b/`])
      expect(await keys(store, prefix, { directories: true })).toEqual(['', 'a/', 'a/b/', 'object'])
    })

  test('of many that take one object, one gets it', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}from`, 'x')
    const from = { key: key(`${prefix}from`) }
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, i) => rename(from, key(`${prefix}to-${i}`))),
    )
    const won = tries.flatMap((one, i) => (one.status === 'fulfilled' ? [`to-${i}`] : []))
    expect(won).toHaveLength(1)
    expect(await keys(store, prefix)).toEqual(won)
    for (const one of tries)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'not-found' })
  })

  test("two that go each other's way do not wait for each other", async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const [a, b] = [key(`${prefix}a`), key(`${prefix}b`)]
    await put(store, a, 'x')
    await put(store, b, 'x')
    await Promise.allSettled([rename({ key: a }, b), rename({ key: b }, a)])
    expect(await keys(store, prefix)).toHaveLength(1)
  })

  test('what is at the other key is replaced', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}from`, 'new')
    await put(store, `${prefix}to`, 'old')
    await rename({ key: key(`${prefix}from`) }, key(`${prefix}to`))
    expect(await getText(store, `${prefix}to`)).toBe('new')
    expect(await keys(store, prefix)).toEqual(['to'])
  })

  test('not where there must be nothing, nor what has changed, nor what is absent', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const { etag } = await put(store, `${prefix}from`, 'first')
    await put(store, `${prefix}from`, 'second!')
    await put(store, `${prefix}to`, 'old')
    const [from, to] = [key(`${prefix}from`), key(`${prefix}to`)]
    const condition = { kind: 'if-absent' } as const
    await failure(rename({ key: from }, to, { condition }), 'precondition-failed')
    await failure(rename({ key: from, etag }, to), 'precondition-failed')
    await failure(rename({ key: key(`${prefix}none`) }, to), 'not-found')
    expect(await getText(store, `${prefix}to`)).toBe('old')
    await rename({ key: from }, key(`${prefix}free`), { condition })
    expect(await keys(store, prefix)).toEqual(['free', 'to'])
  })

  test('of many to a key where there must be nothing, one gets there', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const names = Array.from({ length: 10 }, (_, i) => `${prefix}from-${i}`)
    for (const name of names) await put(store, name, name)
    const tries = await Promise.allSettled(
      names.map((name) =>
        rename({ key: key(name) }, key(`${prefix}to`), { condition: { kind: 'if-absent' } }),
      ),
    )
    const won = names.filter((_, i) => tries[i]?.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(await getText(store, `${prefix}to`)).toBe(won[0])
    expect(await keys(store, prefix)).toHaveLength(10)
  })

  test('readers see whole objects at every moment', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const to = `${prefix}to`
    await put(store, to, 'x'.repeat(1000))
    /** One that broke in between may find that the object is another one, but never that it is gone. */
    async function read(): Promise<void> {
      const text = await getText(store, to).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'precondition-failed' })
      })
      if (text !== undefined) expect(text).toMatch(/^(.)\1{999}$/)
    }
    for (let round = 0; round < 20; round++) {
      await put(store, `${prefix}from`, String(round % 10).repeat(1000))
      const renamed = rename({ key: key(`${prefix}from`) }, key(to))
      await Promise.all([renamed, read(), read(), renamed.then(read)])
    }
    expect(await keys(store, prefix)).toEqual(['to'])
  })
}
