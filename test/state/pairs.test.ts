import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { compareKeys, toKey } from '../../src/core/key.ts'
import { leastContent } from '../../src/state/pairs.ts'
import { StateThread } from '../../src/state/thread.ts'
import type { PairRow } from '../../src/state/types.ts'
import { collect, row, temporaryState, trees } from './fixtures.ts'

test('a row comes back as it went in, 64-bit values included', async () => {
  const { pairs } = await temporaryState()
  const full: PairRow = {
    key: toKey('a\0b \u{FEFF}é\n'),
    source: {
      size: Number.MAX_SAFE_INTEGER,
      modified: 2n ** 70n,
      etag: 'x',
      version: undefined,
      device: 2n ** 64n - 1n,
      inode: 2n ** 63n,
      ctime: -(2n ** 65n),
    },
    target: {
      size: 0,
      modified: -1n,
      etag: '"y"',
      version: 'v1',
      device: undefined,
      inode: undefined,
      ctime: undefined,
    },
    crc64nvme: 2n ** 64n - 1n,
    previous: { etag: '"before"', version: 'v0' },
  }
  await pairs.put(trees, full)
  expect(await pairs.get(trees, full.key)).toEqual(full)
  expect(await collect(pairs.scan(trees))).toEqual([full])
})

test('the last put or remove of a key counts, and tree pairs are apart', async () => {
  const { pairs } = await temporaryState()
  const other = { source: trees.target, target: trees.source }
  await Promise.all([
    pairs.put(trees, row('a', { size: 1 })),
    pairs.put(other, row('a', { size: 2 })),
    pairs.put(trees, row('a', { size: 3 })),
    pairs.put(trees, row('b')),
    pairs.remove(trees, toKey('b')),
  ])
  expect((await collect(pairs.scan(trees))).map(({ key, source }) => [key, source.size])).toEqual([
    ['a', 3],
  ])
  expect((await pairs.get(other, toKey('a')))?.source.size).toBe(2)
  expect(await pairs.get({ source: 'x', target: 'y' }, toKey('a'))).toBeUndefined()
})

describe('scan', () => {
  test('comes in the order of compareKeys, after a key and below a prefix', async () => {
    const { pairs } = await temporaryState()
    const unit = fc.constantFrom(
      '\0',
      'a',
      'b',
      '/',
      '\u{D7FF}',
      '\u{E000}',
      '\u{FFFF}',
      '😀',
      '\u{10FFFF}',
    )
    const name = fc.oneof(fc.string({ unit, maxLength: 4 }), fc.string({ unit: 'binary' }))
    let tree = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 40 }),
        fc.option(name, { nil: undefined }),
        fc.option(fc.string({ unit, maxLength: 2 }), { nil: undefined }),
        async (names, after, prefix) => {
          const pair = { source: String(tree++), target: '' }
          for (const each of names) await pairs.put(pair, row(each))
          const found = await collect(
            pairs.scan(pair, {
              after: after === undefined ? undefined : toKey(after),
              prefix: prefix === undefined ? undefined : toKey(prefix),
            }),
          )
          const expected = names
            .filter((each) => after === undefined || compareKeys(each, after) > 0)
            .filter((each) => each.startsWith(prefix ?? ''))
            .toSorted(compareKeys)
          expect(found.map(({ key }) => key)).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('stops when its signal aborts', async () => {
    const { pairs } = await temporaryState()
    for (const key of ['a', 'b', 'c']) await pairs.put(trees, row(key))
    const controller = new AbortController()
    const seen: string[] = []
    const scan = async (): Promise<void> => {
      for await (const { key } of pairs.scan(trees, { signal: controller.signal })) {
        seen.push(key)
        controller.abort()
      }
    }
    await expect(scan()).rejects.toMatchObject({ code: 'interrupted' })
    expect(seen).toEqual(['a'])
  })
})

test('200,000 rows pass in batches and pages of bounded size', async () => {
  const count = 200_000
  const { pairs } = await temporaryState()
  const write = vi.spyOn(StateThread.prototype, 'write')
  const read = vi.spyOn(StateThread.prototype, 'read')
  onTestFinished(() => {
    vi.restoreAllMocks()
  })

  let accepted = 0
  let written = 0
  let mostWaiting = 0
  for (let i = 0; i < count; i++) {
    await pairs.put(trees, row(`key/${String(i).padStart(6, '0')}`, { size: i }))
    accepted++
    if (i % 1_000 !== 0) continue
    // A batch that is answered is written; the answers come in order.
    const results = write.mock.settledResults
    written = results.filter(({ type }) => type === 'fulfilled').length * 200
    mostWaiting = Math.max(mostWaiting, accepted - written)
  }
  await pairs.flush()
  const batches = write.mock.calls.map(([steps]) => steps.flatMap((step) => step.rows).length)
  expect(Math.max(...batches)).toBeLessThanOrEqual(200)
  expect(mostWaiting).toBeLessThanOrEqual(1_000)

  read.mockClear()
  let seen = 0
  let last = ''
  for await (const { key, source } of pairs.scan(trees)) {
    if (source.size !== seen || key <= last) throw new Error(`out of order: ${key} at ${seen}`)
    last = key
    seen++
    // One page in hand, one asked for; the first read finds the tree pair.
    expect((read.mock.calls.length - 1) * 200).toBeLessThanOrEqual(seen + 400)
  }
  expect(seen).toBe(count)
  const pages = await Promise.all(read.mock.results.map(({ value }) => value))
  expect(Math.max(...pages.map((page) => page.length))).toBe(200)
})

describe('lookups', () => {
  const size = leastContent
  const inode = 2n ** 64n - 1n

  test('find objects by inode, size and content, within one tree pair', async () => {
    const { pairs } = await temporaryState()
    expect(await pairs.isEmpty(trees)).toBe(true)
    const big = { ...row('big', { size, inode }), crc64nvme: 2n ** 64n - 2n }
    await pairs.put(trees, big)
    await pairs.put(trees, row('small', { size: size - 1 }))
    await pairs.flush()
    expect(await pairs.isEmpty(trees)).toBe(false)
    expect(await pairs.ofInode(trees, inode)).toEqual([big])
    expect(await pairs.ofSize(trees, size)).toBe(true)
    expect(await pairs.ofSize(trees, size - 1)).toBe(false)
    expect(await pairs.ofContent(trees, size, 2n ** 64n - 2n)).toEqual([big])
    expect(await pairs.ofContent(trees, size, 1n)).toEqual([])
    const other = { source: 'x', target: 'y' }
    expect(await pairs.isEmpty(other)).toBe(true)
    expect(await pairs.ofInode(other, inode)).toEqual([])
    expect(await pairs.ofSize(other, size)).toBe(false)
    expect(await pairs.all()).toEqual([trees])
  })

  test('tell a bounded number, and write nothing of what is buffered', async () => {
    const { pairs } = await temporaryState()
    const write = vi.spyOn(StateThread.prototype, 'write')
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    await pairs.put(trees, row('first'))
    await pairs.flush()
    const alike = Array.from({ length: 120 }, (_, i) => row(`alike/${i}`, { size, inode }))
    for (const each of alike) await pairs.put(trees, { ...each, crc64nvme: 5n })
    write.mockClear()
    await Promise.all([
      pairs.isEmpty(trees),
      pairs.all(),
      pairs.ofInode(trees, inode),
      pairs.ofSize(trees, size),
      pairs.ofContent(trees, size, 5n),
    ])
    expect(write).not.toHaveBeenCalled()
    await pairs.flush()
    expect(await pairs.ofInode(trees, inode)).toHaveLength(100)
    expect(await pairs.ofContent(trees, size, 5n)).toHaveLength(10)
  })
})

test('a conflict is kept until the row of its name is put or removed', async () => {
  const { pairs } = await temporaryState()
  const [noted, message] = [new Date(1_000), 'was changed']
  const names = ['a', 'b', 'c', 'd/\u{1F600}']
  for (const name of names) {
    await pairs.put(trees, row(name))
    await pairs.putConflict(trees, { key: toKey(name), noted, message })
  }
  const left = async (): Promise<string[]> =>
    (await collect(pairs.conflicts(trees))).map(({ key }) => key)
  expect(await collect(pairs.conflicts(trees, { prefix: toKey('d/') }))).toEqual([
    { key: names[3], noted, message },
  ])
  expect(await left()).toEqual(names)
  await pairs.put(trees, row('a'))
  await pairs.remove(trees, toKey('b'))
  await pairs.put({ source: trees.source, target: 'other' }, row('c'))
  expect(await left()).toEqual(['c', names[3]])
  await pairs.settleConflicts(trees)
  expect(await left()).toEqual([])
})

test('sources are told in the order of their keys, and of a source its targets', async () => {
  const { pairs } = await temporaryState()
  const known = { size: 3, modified: 2n ** 70n, inode: 2n ** 64n - 1n, ctime: -1n }
  await pairs.put(trees, row('b', known))
  await pairs.put(trees, row('a'))
  await pairs.put({ source: trees.source, target: 'other' }, row('c'))
  await pairs.put({ source: 'other', target: trees.target }, row('d'))
  expect(await collect(pairs.scanSources(trees))).toEqual([
    { key: 'a', source: { size: 1, modified: 1n } },
    { key: 'b', source: known },
  ])
  expect(await pairs.targetsOf(trees.source)).toEqual([trees.target, 'other'])
})
