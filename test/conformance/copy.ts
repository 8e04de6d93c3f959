// Copies inside the store.
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { CopySource } from '../../src/core/store.ts'
import type { Bench } from './suite.ts'
import { bytesOf, expectSame, failure, get, getText, key, keys, put } from './tools.ts'

export function copyTests(bench: Bench): void {
  const { profile } = bench
  const content = bytesOf(1_000_000, 3)

  function copy(): NonNullable<Bench['store']['copy']> {
    const facet = bench.store.copy
    if (!facet) throw new Error('no copy')
    return facet
  }
  function source(name: string, etag?: string): CopySource {
    return { location: bench.store.location, key: key(name), etag }
  }

  test('it takes its own objects and not those of another store', () => {
    expect(copy().accepts(bench.store)).toBe(true)
    expect(copy().accepts(memoryStore())).toBe(false)
    expect(copy().maxSize).toBeGreaterThan(content.length)
  })

  test('a copy has the bytes of its source, and replaces what was there', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const odd = `${prefix}from \u00e9%+/\u{1f600}`
    const { etag } = await put(store, odd, content)
    await put(store, `${prefix}to`, 'old')
    const info = await copy().copy(source(odd, etag), key(`${prefix}to`))
    expect(info).toMatchObject({ key: `${prefix}to`, kind: 'file', size: content.length })
    expect(info.etag).toBe((await store.stat(key(`${prefix}to`))).etag)
    expectSame(await get(store, `${prefix}to`), content)
    expectSame(await get(store, odd), content)
  })

  test('a copy of an empty object', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}from`, '')
    await copy().copy(source(`${prefix}from`), key(`${prefix}to`))
    expect(await get(store, `${prefix}to`)).toHaveLength(0)
  })

  test('attributes and metadata come along, unless others are given', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const attributes = {
      ...(profile.mtime === undefined ? {} : { mtime: 1_000_000_000_000_000_000n }),
      ...(profile.mode ? { mode: 0o100600 } : {}),
    }
    const metadata: Record<string, string> = profile.metadata ? { note: 'kept' } : {}
    await put(store, `${prefix}from`, 'x', { attributes, metadata })
    await copy().copy(source(`${prefix}from`), key(`${prefix}same`))
    const same = await store.stat(key(`${prefix}same`))
    expect(same.attributes).toMatchObject(attributes)
    expect(same.metadata).toEqual(metadata)
    if (profile.mtime === undefined) return
    const mtime = 2_000_000_000_000_000_000n
    await copy().copy(source(`${prefix}from`), key(`${prefix}other`), {
      attributes: { ...attributes, mtime },
    })
    const other = await store.stat(key(`${prefix}other`))
    expect(other.attributes).toMatchObject({ ...attributes, mtime })
    expect(other.metadata).toEqual(metadata)
  })

  test('a source that is absent or has changed is refused', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    await put(store, `${prefix}to`, 'old')
    await failure(copy().copy(source(`${prefix}none`), key(`${prefix}to`)), 'not-found')
    const { etag } = await put(store, `${prefix}from`, 'first')
    await put(store, `${prefix}from`, 'second!')
    await failure(
      copy().copy(source(`${prefix}from`, etag), key(`${prefix}to`)),
      'precondition-failed',
    )
    expect(await getText(store, `${prefix}to`)).toBe('old')
    expect(await keys(store, prefix)).toEqual(['from', 'to'])
  })
}
