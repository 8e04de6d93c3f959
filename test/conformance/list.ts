// Listings: their order, their pages, their edges.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Bench } from './suite.ts'
import { byBytes, collect, each, entries, failure, key, keys, put, remove } from './tools.ts'

export function listTests(bench: Bench): void {
  const { hierarchical, order } = bench.profile.traits

  test('order is that of bytes, where a slash counts as itself', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const names = [
      'a-b',
      'a.b',
      'a/b',
      'a/b-c',
      'a/b/c',
      'a0',
      'aa',
      'b',
      'A',
      '\ufffd',
      '\u{1f600}/x',
    ]
    const wanted = hierarchical ? names.filter((name) => name !== 'a/b') : ['a', ...names]
    for (const name of wanted.toReversed()) await put(store, prefix + name)
    const listed = (await entries(store, prefix)).map((entry) => entry.key.slice(prefix.length))
    if (order === 'none') listed.sort(byBytes)
    expect(listed).toEqual(wanted.toSorted(byBytes))
  })

  test('a prefix needs not end at a slash', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of ['a', 'ab', 'abc', 'ab-/x', 'abd/c/d', 'ac']) await put(store, prefix + name)
    expect(await keys(store, `${prefix}ab`)).toEqual(['', '-/x', 'c', 'd/c/d'])
    expect(await keys(store, `${prefix}abd/c`)).toEqual(['/d'])
    expect(await keys(store, `${prefix}abd/`)).toEqual(['c/d'])
    expect(await keys(store, `${prefix}ab/`)).toEqual([])
    expect(await keys(store, `${prefix}zz/yy`)).toEqual([])
  })

  test('shallow groups what lies below the next slash', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of ['a-', 'b/1', 'b/2', 'b/c/3', 'b0', 'd/e/f']) await put(store, prefix + name)
    const found = await entries(store, prefix, { shallow: true })
    const kinds = Object.fromEntries(
      found.map((entry) => [entry.key.slice(prefix.length), entry.kind]),
    )
    expect(kinds).toEqual({ 'a-': 'file', 'b/': 'directory', b0: 'file', 'd/': 'directory' })
    expect(await keys(store, prefix, { shallow: true })).toEqual(['a-', 'b/', 'b0', 'd/'])
    expect(await keys(store, `${prefix}b/`, { shallow: true })).toEqual(['1', '2', 'c/'])
    expect(await keys(store, `${prefix}b`, { shallow: true })).toEqual(['/', '0'])
    const after = key(`${prefix}b/`)
    expect(await keys(store, prefix, { shallow: true, after })).toEqual(['b0', 'd/'])
  })

  test('after is exclusive and needs not exist', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of ['a', 'b/1', 'b/2', 'c']) await put(store, prefix + name)
    const after = async (name: string): Promise<string[]> =>
      keys(store, prefix, { after: key(prefix + name) })
    expect(await after('a')).toEqual(['b/1', 'b/2', 'c'])
    expect(await after('b')).toEqual(['b/1', 'b/2', 'c'])
    expect(await after('b/1')).toEqual(['b/2', 'c'])
    expect(await after('b/11')).toEqual(['b/2', 'c'])
    expect(await after('b/2')).toEqual(['c'])
    expect(await after('b0')).toEqual(['c'])
    expect(await after('c')).toEqual([])
    expect(await keys(store, prefix, { after: key(' before all') })).toHaveLength(4)
    expect(await keys(store, prefix, { after: key('~after all') })).toEqual([])
  })

  test('a directory that is not to be entered is not', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of ['a/b/1', 'a/b/c/2', 'a/d', 'b/1', 'b-', 'c'])
      await put(store, prefix + name)
    const asked: string[] = []
    const enter = async (directory: string): Promise<boolean> => {
      asked.push(directory.slice(prefix.length))
      return !directory.endsWith('b/')
    }
    const all = ['a/b/1', 'a/b/c/2', 'a/d', 'b-', 'b/1', 'c']
    const [inside, later] = hierarchical
      ? [
          ['a/d', 'b-', 'c'],
          ['b-', 'c'],
        ]
      : [all, all.slice(3)]
    expect(await keys(store, prefix, { enter })).toEqual(inside)
    // Neither the directory that the listing begins in, nor what lies below one that was left out.
    expect(asked).toEqual(hierarchical ? ['a/', 'a/b/', 'b/'] : [])
    expect(await keys(store, prefix, { enter, after: key(`${prefix}a/d`) })).toEqual(later)
    if (!hierarchical) return
    // The directory itself is listed.
    expect(await keys(store, prefix, { enter, directories: true })).toEqual(
      expect.arrayContaining(['a/b/', 'b/']),
    )
    expect(asked.slice(3)).toEqual(['a/', 'b/', 'a/', 'a/b/', 'b/'])
  })

  test('entries have what stat says', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const written = await put(store, `${prefix}one`, 'content')
    const [entry] = await entries(store, prefix)
    const info = await store.stat(key(`${prefix}one`))
    expect(entry).toMatchObject({ kind: 'file', size: 7, etag: written.etag })
    expect(info).toMatchObject({ key: entry?.key, kind: 'file', size: 7, etag: written.etag })
    // Listings may tell times more coarsely than stat or the other way round, by less than a second.
    expect(seconds(entry?.modified)).toBe(seconds(info.modified))
    expect(seconds(info.modified)).toBeGreaterThan(1_600_000_000n)
  })

  describe('pages', () => {
    const total = 2_500
    const inDirectories = 1_001
    let prefix = ''
    // The first 1,001 in directories of their own, so that a shallow listing has pages of groups too.
    const names = Array.from({ length: total }, (_, i) => {
      const name = String(i).padStart(4, '0')
      return i < inDirectories ? `${name}/x` : name
    })

    beforeAll(async () => {
      prefix = bench.prefix()
      await each(names, async (name) => put(bench.store, prefix + name, 'x'))
    })

    test('a whole listing has every key once', async () => {
      expect(await keys(bench.store, prefix)).toEqual(names)
    })

    test.each([0, 1, 999, 1_000, 1_001, 2_000])('the last %i keys', async (count) => {
      const last = names.at(total - count - 1)
      const after = key(prefix + last)
      expect(await keys(bench.store, prefix, { after })).toEqual(names.slice(total - count))
    })

    test('groups', async () => {
      const groups = names.map((name) => name.replace('/x', '/'))
      const { store } = bench
      expect(await keys(store, prefix, { shallow: true })).toEqual(groups)
      for (const position of [998, 999, 1_000, 1_001]) {
        const after = key(prefix + groups[position])
        expect(await keys(store, prefix, { shallow: true, after })).toEqual(
          groups.slice(position + 1),
        )
      }
    })

    test('a listing may be left early', async () => {
      const { store } = bench
      for await (const entry of store.list(key(prefix))) {
        expect(entry.key).toMatch(/^t\d+\//)
        break
      }
      expect(await keys(store, `${prefix}2499`)).toEqual([''])
    })

    test('an abort ends a listing', async () => {
      const controller = new AbortController()
      async function walk(): Promise<void> {
        for await (const entry of bench.store.list(key(prefix), { signal: controller.signal })) {
          expect(entry.size).toBe(1)
          controller.abort()
        }
      }
      await failure(walk(), 'interrupted')
    })

    test('all of it is removed as it is listed', async () => {
      const { store } = bench
      const all = await collect(store.remove(store.list(key(prefix))))
      expect(all.filter((removal) => removal.error)).toEqual([])
      expect(all.map((removal) => removal.key.slice(prefix.length)).toSorted(byBytes)).toEqual(
        names,
      )
      expect(await keys(store, prefix)).toEqual([])
      expect(await remove(store, prefix + names[0])).toMatchObject([{ error: undefined }])
    })
  })
}

function seconds(time: bigint | undefined): bigint {
  return (time ?? 0n) / 1_000_000_000n
}
