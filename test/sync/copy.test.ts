import { describe, expect, test } from 'vitest'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { toKey } from '../../src/core/key.ts'
import { placeId } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { copy, type CopyOptions } from '../../src/sync/copy.ts'
import { failure, put } from '../conformance/tools.ts'
import { temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { contents, Events, fill, names, place } from './tools.ts'

const recursive = true

/** Copies within stores by their prefixes. */
async function copying(
  from: readonly [Store, string][],
  to: readonly [Store, string],
  options: Partial<CopyOptions> = {},
): ReturnType<typeof copy> {
  const places = from.map(([store, prefix]) => place(store, prefix))
  return copy(places, place(...to), { state: await temporaryState(), ...options })
}

describe('one object', () => {
  test.each([
    ['a key', 'x/new', 'x/new'],
    ['a prefix that ends in /', 'x/', 'x/file'],
    ['the whole store', '', 'file'],
  ])('to %s', async (_, prefix, expected) => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 'dir/file', 'dir/file2', 'dir/file/below')
    const events = new Events()
    const run = await copying([[from, 'dir/file']], [to, prefix], { onEvent: events.sink })
    expect(run.summary).toMatchObject({ copied: 1, bytes: 8, failed: 0 })
    expect(await contents(to)).toEqual({ [expected]: 'dir/file' })
    expect(events.done('copy')).toEqual([`memory://${to.location.root}/${expected}`])
    events.expectSummaryLast()
  })

  test('to a directory that is there, and to a name that is not', async () => {
    const from = memoryStore()
    const to = localStore(await temporaryDirectory(), { durable: false })
    await fill(from, 'dir/file')
    await put(to, 'there/other')
    await copying([[from, 'dir/file']], [to, 'there'])
    await copying([[from, 'dir/file']], [to, 'new'])
    expect(await names(to)).toEqual(['new', 'there/file', 'there/other'])
  })

  test('over what is there, whatever it is', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await put(from, 'a', 'same size')
    await put(to, 'a', 'SAME SIZE')
    await copying([[from, 'a']], [to, 'a'])
    expect(await contents(to)).toEqual({ a: 'same size' })
  })

  test('within its own store: to its root, and not onto itself', async () => {
    const store = memoryStore()
    await fill(store, 'dir/file')
    await copying([[store, 'dir/file']], [store, ''])
    expect(await contents(store)).toEqual({ 'dir/file': 'dir/file', file: 'dir/file' })
    for (const target of ['dir/file', 'dir/']) {
      const { summary, failures } = await copying([[store, 'dir/file']], [store, target])
      expect(summary).toMatchObject({ copied: 0, failed: 1 })
      expect(failures[0]?.code).toBe('invalid-argument')
    }
  })

  test('a dry run copies nothing', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 'a')
    const { summary } = await copying([[from, 'a']], [to, 'b'], { dryRun: true })
    expect(summary).toMatchObject({ copied: 1, dryRun: true })
    expect(summary.traffic.sent).toBe(0)
    expect(await names(to)).toEqual([])
  })
})

describe('trees', () => {
  test('relative paths are kept, and nothing beside the tree goes along', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 'top/a/b/c.txt', 'top/x/b/c.txt', 'top/c.txt', 'top-secret', 'topper/x')
    for (const [source, target] of [
      ['top', 'one'],
      ['top/', 'two/'],
    ] as const) {
      const run = await copying([[from, source]], [to, target], { recursive })
      expect(run.summary).toMatchObject({ copied: 3, failed: 0 })
    }
    expect(await contents(to)).toEqual({
      'one/a/b/c.txt': 'top/a/b/c.txt',
      'one/c.txt': 'top/c.txt',
      'one/x/b/c.txt': 'top/x/b/c.txt',
      'two/a/b/c.txt': 'top/a/b/c.txt',
      'two/c.txt': 'top/c.txt',
      'two/x/b/c.txt': 'top/x/b/c.txt',
    })
  })

  test('of several sources each keeps its name', async () => {
    const [from, other, to] = [memoryStore(), memoryStore(), memoryStore()]
    await fill(from, 'a/b/c.txt', 'x/b/c.txt', 'file')
    await fill(other, 'elsewhere')
    const sources: [Store, string][] = [
      [from, 'a'],
      [from, 'x/'],
      [from, 'file'],
      [other, 'elsewhere'],
    ]
    const { summary } = await copying(sources, [to, 'in'], { recursive })
    expect(summary).toMatchObject({ copied: 4, failed: 0 })
    expect(await names(to)).toEqual(['in/a/b/c.txt', 'in/elsewhere', 'in/file', 'in/x/b/c.txt'])
  })

  test('two sources of one name would replace each other', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 'a/name', 'b/name')
    const sources: [Store, string][] = [
      [from, 'a/name'],
      [from, 'b/name'],
    ]
    await failure(copying(sources, [to, 'in']), 'invalid-argument')
    expect(await names(to)).toEqual([])
  })

  test('what is at the destination and not at the source stays', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 't/a', 't/b')
    await put(to, 't/a', 'old!')
    await fill(to, 't/old')
    await copying([[from, 't']], [to, 't'], { recursive })
    expect(await contents(to)).toEqual({ 't/a': 't/a', 't/b': 't/b', 't/old': 't/old' })
  })

  test('an empty directory is a tree; a prefix with nothing below it is none', async () => {
    const directory = await temporaryDirectory()
    const [disk, bucket, to] = [localStore(directory), memoryStore(), memoryStore()]
    await put(disk, 'empty/', '')
    for (const name of ['empty', 'empty/', '']) {
      const { summary } = await copying([[disk, name]], [to, ''], { recursive })
      expect(summary).toMatchObject({ copied: 0, failed: 0 })
    }
    for (const name of ['none', 'none/'])
      for (const store of [disk, bucket])
        await failure(copying([[store, name]], [to, ''], { recursive }), 'not-found')
    const missing = localStore(join(directory, 'missing'))
    await failure(copying([[missing, '']], [to, ''], { recursive }), 'not-found')
  })

  test('a tree is not copied into itself', async () => {
    const store = memoryStore()
    await fill(store, 'a/x')
    for (const target of ['a', 'a/b', 'a/'])
      await failure(copying([[store, 'a']], [store, target], { recursive }), 'invalid-argument')
    await failure(copying([[store, '']], [store, 'b'], { recursive }), 'invalid-argument')
    await copying([[store, 'a']], [store, 'a-copy'], { recursive })
    await copying([[store, 'a']], [store, ''], { recursive })
    expect(await names(store)).toEqual(['a-copy/x', 'a/x', 'x'])
  })
})

test('without recursive a tree is refused, and a missing object named', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const disk = localStore(await temporaryDirectory())
  await fill(from, 'a/b')
  await put(disk, 'a/b')
  for (const [store, prefix] of [
    [from, 'a/'],
    [from, ''],
    [disk, 'a'],
    [disk, ''],
  ] as const) {
    const error = await failure(copying([[store, prefix]], [to, 'x']), 'invalid-argument')
    expect(error.hint).toContain('-r')
  }
  const error = await failure(copying([[from, 'a']], [to, 'x']), 'not-found')
  expect(error.address).toBe(`memory://${from.location.root}/a`)
  expect(await names(to)).toEqual([])
})

test('a missing source is told before anything is copied', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await fill(from, 'a/b', 'c')
  const sources: [Store, string][] = [
    [from, 'a'],
    [from, 'c'],
    [from, 'missing'],
  ]
  await failure(copying(sources, [to, 'x'], { recursive }), 'not-found')
  expect(await names(to)).toEqual([])
})

test('one object that fails stops no other', async () => {
  const [from, memory] = [memoryStore(), memoryStore()]
  await fill(from, 'a', 'b', 'c')
  const to = faulty(memory, { seed: 1, exactly: [{ op: 'write', nth: 2, fault: 'unavailable' }] })
  const sources = ['a', 'b', 'c'].map((name): [Store, string] => [from, name])
  const { summary, failures } = await copying(sources, [to, 'in'])
  expect(summary).toMatchObject({ copied: 2, failed: 1 })
  expect(failures[0]?.code).toBe('unavailable')
  expect((await names(memory)).length).toBe(2)
})

test('an interruption is one error', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const many = Array.from({ length: 100 }, (_, i) => `n${i}`)
  await fill(from, ...many)
  const controller = new AbortController()
  const onEvent = ({ type }: { type: string }): void => {
    if (type === 'done') controller.abort(new Error('any reason'))
  }
  const sources = many.map((name): [Store, string] => [from, name])
  const options = { signal: controller.signal, onEvent, jobs: 2 }
  await failure(copying(sources, [to, 'in'], options), 'interrupted')
  expect((await names(to)).length).toBeLessThan(20)
})

test('a link is not copied as its text, and kept as a link where that is asked for', async () => {
  const directory = await temporaryDirectory()
  const [from, to] = [localStore(directory), memoryStore()]
  await put(from, 'file', 'content')
  await symlink('file', join(directory, 'link'))
  const { failures } = await copying([[from, 'link']], [to, 'x'])
  expect(failures).toMatchObject([{ code: 'unsupported', key: 'link' }])
  expect(await names(to)).toEqual([])
  await copying([[from, 'link']], [to, 'x'], { archive: true })
  expect((await to.stat(toKey('x'))).attributes.mode).toBe(0o120777)
})

test('single objects are copied into a directory that another run works on', async () => {
  const state = await temporaryState()
  const [from, to] = [memoryStore(), memoryStore()]
  await fill(from, 'a')
  const lock = await state.lock(placeId(place(to, 'dir/')))
  const run = await copy([place(from, 'a')], place(to, 'dir/'), { state })
  await lock[Symbol.asyncDispose]()
  expect(run.summary).toMatchObject({ copied: 1, failed: 0 })
  expect(await contents(to)).toEqual({ 'dir/a': 'a' })
})
