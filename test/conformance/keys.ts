// Names: byte-exact, in any script, of any length that the store takes.
import { expect, test } from 'vitest'
import { keyBytes } from '../../src/core/key.ts'
import type { Bench } from './suite.ts'
import { byBytes, failure, getText, key, keys, put, remove } from './tools.ts'

/** Names that every store holds. */
const oddNames = [
  'space in the middle',
  ' leading and trailing ',
  'plus+plus',
  'percent%41%2F%zz',
  'quote"\'`',
  'new\nline',
  'return\rtab\t',
  'back\\slash',
  'question?mark#hash&amp;<xml>',
  'star*[a-z]{b,c}',
  '~tilde',
  '-dash',
  '...',
  'dot.',
  '.hidden',
  'a..b',
  'colon:semi;comma,',
  '\u{e9}', // é in one code point (NFC)
  'e\u0301', // é in two (NFD)
  '\ufffd',
  '\uffee',
  '\u{1f600}',
  '\u0001',
  '\u007f\u0085',
  '\u4e2d\u6587',
  '%',
  '+',
]

/** What only a flat store can hold: a path would leave its place, or be another one. */
const unpathlyNames = ['a//b', '../x', '..', '.', './a', 'a/..', 'a/../../x', '/a', 'a/./b', '//']

export function keyTests(bench: Bench): void {
  const { hierarchical, maxKeyBytes } = bench.profile.traits

  test('odd names are byte-exact and stay apart', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    for (const name of oddNames) await put(store, prefix + name, name)
    for (const name of oddNames) expect(await getText(store, prefix + name)).toBe(name)
    expect(await keys(store, prefix)).toEqual(oddNames.toSorted(byBytes))
    for (const name of oddNames) {
      const info = await store.stat(key(prefix + name))
      expect(info.key).toBe(prefix + name)
    }
    const removed = await remove(store, ...oddNames.map((name) => prefix + name))
    expect(removed.filter((removal) => removal.error)).toEqual([])
    expect(await keys(store, prefix)).toEqual([])
  })

  test('names of 1,024 bytes, or as many as it takes', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const long = longName(prefix, Math.min(1024, maxKeyBytes))
    await put(store, long, 'long')
    expect(await getText(store, long)).toBe('long')
    expect(await keys(store, prefix)).toEqual([long.slice(prefix.length)])
  })

  test('a name that is too long is refused', async () => {
    const { store } = bench
    const long = longName(bench.prefix(), maxKeyBytes + 1)
    const error = await failure(put(store, long), 'invalid-argument')
    expect(error.key).toBe(long)
  })

  test('an object needs a name', async () => {
    await failure(put(bench.store, '', 'x'), 'invalid-argument')
  })

  if (hierarchical) {
    test('names that are no paths are refused, and nothing is written', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      for (const name of [...unpathlyNames, 'nul\0', 'a'.repeat(256), 'content/']) {
        await failure(put(store, prefix + name, 'x'), 'invalid-argument')
        await failure(store.stat(key(prefix + name)), 'invalid-argument', 'not-found')
        await failure(store.read(key(prefix + name)), 'invalid-argument', 'not-found')
      }
      await failure(put(store, '/absolute', 'x'), 'invalid-argument')
      await failure(put(store, '../outside', 'x'), 'invalid-argument')
      expect(await keys(store, prefix)).toEqual([])
      const removed = await remove(store, `${prefix}../x`)
      expect(removed.map((removal) => removal.error)).toEqual([
        expect.objectContaining({ code: 'invalid-argument' }),
      ])
    })

    test('a name cannot be a file and a directory', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}a`, 'file')
      await failure(put(store, `${prefix}a/b`, 'below'), 'conflict')
      await failure(store.stat(key(`${prefix}a/b`)), 'not-found')
      expect(await getText(store, `${prefix}a`)).toBe('file')
      await put(store, `${prefix}d/x`, 'below')
      await failure(put(store, `${prefix}d`, 'file'), 'conflict')
      await failure(store.stat(key(`${prefix}d`)), 'not-found')
      await failure(store.read(key(`${prefix}d`)), 'not-found')
      expect(await keys(store, prefix)).toEqual(['a', 'd/x'])
    })

    test('a directory of its own is a name that ends in a slash', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}empty/`, '')
      expect((await store.stat(key(`${prefix}empty/`))).kind).toBe('directory')
      expect(await keys(store, prefix)).toEqual([])
      expect(await keys(store, prefix, { directories: true })).toEqual(['', 'empty/'])
      const removed = await remove(store, `${prefix}empty/`)
      expect(removed).toEqual([{ key: `${prefix}empty/`, error: undefined }])
      await failure(store.stat(key(`${prefix}empty/`)), 'not-found')
    })
  } else {
    test('names that look like paths are only names', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      const names = [...unpathlyNames, 'a', 'a/b', 'a/', 'content/']
      for (const name of names) await put(store, prefix + name, name)
      for (const name of names) expect(await getText(store, prefix + name)).toBe(name)
      expect(await keys(store, prefix)).toEqual(names.toSorted(byBytes))
    })

    test('an empty object whose name ends in a slash is a directory', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}empty/`, '')
      expect((await store.stat(key(`${prefix}empty/`))).kind).toBe('directory')
      expect(await keys(store, prefix)).toEqual(['empty/'])
    })
  }
}

/** A name of exactly so many bytes, in segments that a file system takes. */
function longName(prefix: string, bytes: number): string {
  let name = prefix
  while (bytes - keyBytes(name) > 201) name += `${'\u00e9'.repeat(100)}/`
  return name + 'x'.repeat(bytes - keyBytes(name))
}
