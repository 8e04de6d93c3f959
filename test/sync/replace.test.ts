// A file that becomes a directory on a disk, and the other way round: nothing goes before it is known that it may.
import { chmod, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/store.ts'
import { below } from '../../src/layers/below.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { remove } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory } from '../transfer/tools.ts'
import { contents, Events, fill, pair, place } from './tools.ts'

const ways: [string, string[], string[]][] = [
  ['a file becomes a directory', ['a/b', 'a/c/d', 'z'], ['a']],
  ['a directory becomes a file', ['a', 'z'], ['a/b', 'a/c/d']],
]

function refuseZ(key: string): void {
  if (key === 'z') throw new HawserError('unavailable', 'not now', { op: 'read' })
}

describe.each(ways)('%s', (_, source, target) => {
  async function trees() {
    const directory = await temporaryDirectory()
    const all = await pair(memoryStore(), localStore(directory, { durable: false }))
    await fill(all.from, ...source)
    await fill(all.to, ...target, 'old')
    return { ...all, directory, before: await contents(all.to) }
  }

  test.each([false, true])('as the dry run says, with -a: %s', async (archive) => {
    const { from, to, run } = await trees()
    const told = { dry: new Events(), real: new Events() }
    const options = { delete: true, archive }
    const dry = await run({ ...options, dryRun: true, onEvent: told.dry.sink })
    const real = await run({ ...options, onEvent: told.real.sink })
    expect(await contents(to)).toEqual(await contents(from))
    for (const action of ['copy', 'remove'] as const)
      expect(told.dry.done(action).toSorted()).toEqual(told.real.done(action).toSorted())
    expect(real.summary.failed).toBe(0)
    // Directories that are kept are looked at once more when they are finished.
    if (!archive) expect(dry.predicted?.requests).toEqual(real.actual?.requests)
    expect((await run(options)).summary).toMatchObject({ copied: 0, removed: 0, failed: 0 })
  })

  test('what gives place is kept as a backup', async () => {
    const { from, to, run, before } = await trees()
    const backups = Object.entries(before).map(([name, body]) => [`kept/${name}`, body])
    const { summary } = await run({ delete: true, backupDir: place(to, 'kept') })
    expect(summary.failed).toBe(0)
    expect(await contents(to)).toEqual({
      ...(await contents(from)),
      ...Object.fromEntries(backups),
    })
  })

  test('not where so much must not be removed', async () => {
    const { to, run, before } = await trees()
    for (const dryRun of [true, false]) {
      const { summary, failures } = await run({ delete: true, maxDelete: target.length, dryRun })
      expect(summary).toMatchObject({ copied: 1, removed: 0, failed: source.length })
      expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['guard', 'conflict']))
    }
    expect(await contents(to)).toEqual({ ...before, z: 'z' })
  })

  async function refused(change: (from: Store) => Store, options = {}): Promise<string[]> {
    const { from, to, run, before } = await trees()
    const { summary, failures } = await run({ delete: true, ...options }, change(from))
    expect(summary.removed).toBe(0)
    const { z: copied = 'z', ...others } = await contents(to)
    expect(copied).toBe('z')
    expect(others).toEqual(before)
    return failures.map(({ code }) => code)
  }

  test('not where another copy failed', async () => {
    const codes = await refused((from) => {
      return storeWith(from, {
        read: async (key, options) => {
          refuseZ(key)
          return from.read(key, options)
        },
        readInto: async (key, ...more) => {
          refuseZ(key)
          return from.readInto(key, ...more)
        },
      })
    })
    expect(codes).toContain('unavailable')
  })

  test('not where what is to come is gone', async () => {
    const codes = await refused((from) =>
      storeWith(from, {
        async *list(prefix, options) {
          const entries = await Array.fromAsync(from.list(prefix, options))
          for (const name of source) if (name !== 'z') await remove(from, name)
          yield* entries
        },
      }),
    )
    expect(codes.length).toBe(source.length - 1)
  })

  test('not where the run may not send it', async () => {
    expect(await refused((from) => from, { maxTransfer: 1 })).toContain('guard')
  })
})

test('a link gives place, and not what it leads to', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(memoryStore(), localStore(join(directory, 'to')))
  await fill(from, 'a/b')
  await mkdir(join(directory, 'elsewhere'))
  await writeFile(join(directory, 'elsewhere', 'b'), 'mine')
  await mkdir(join(directory, 'to'))
  await symlink(join(directory, 'elsewhere'), join(directory, 'to', 'a'))
  expect((await run()).summary).toMatchObject({ copied: 0, failed: 1 })
  expect((await run({ delete: true })).summary).toMatchObject({ copied: 1, removed: 1, failed: 0 })
  expect(await contents(to)).toEqual({ 'a/b': 'a/b' })
  expect(await readFile(join(directory, 'elsewhere', 'b'), 'utf8')).toBe('mine')
})

test.each([
  ['a file', 'd/e/x', 'd/e/x/y'],
  ['a directory', 'd/e/x/y', 'd/e/x'],
])('where %s gives place, the directory that it was in stays what it was', async (_, old, name) => {
  const directory = await temporaryDirectory()
  const disk = localStore(directory)
  for (const to of [disk, below(place(disk, 'tree'))]) {
    const { from, run } = await pair(memoryStore(), to)
    await fill(from, name)
    await fill(to, old, 'gone/f')
    const root = to === disk ? directory : join(directory, 'tree')
    await chmod(join(root, 'd', 'e'), 0o700)
    const before = await lstat(join(root, 'd', 'e'))
    const { summary } = await run({ delete: true, maxDelete: 10 })
    expect(summary).toMatchObject({ copied: 1, removed: 2, failed: 0 })
    expect(await contents(to)).toEqual({ [name]: name })
    const after = await lstat(join(root, 'd', 'e'))
    expect([after.mode & 0o777, after.ino]).toEqual([0o700, before.ino])
    await expect(lstat(join(root, 'gone'))).rejects.toThrow('ENOENT')
    await remove(to, name)
  }
})

test('an empty directory gives place, unless a filter protects it', async () => {
  const directory = await temporaryDirectory()
  const { from, to, run } = await pair(memoryStore(), localStore(directory))
  await fill(from, 'a')
  await mkdir(join(directory, 'a', 'b', 'c'), { recursive: true })
  expect((await run({ delete: true, rules: ['P c/'] })).summary).toMatchObject({ failed: 1 })
  expect((await lstat(join(directory, 'a', 'b', 'c'))).isDirectory()).toBe(true)
  expect((await run({ delete: true })).summary).toMatchObject({ copied: 1, removed: 0, failed: 0 })
  expect(await contents(to)).toEqual({ a: 'a' })
})

test('a directory that keeps something is not counted among what is removed', async () => {
  const directory = await temporaryDirectory()
  const disk = localStore(directory, { durable: false })
  const { from, run } = await pair(localStore(await temporaryDirectory()), disk)
  await fill(from, 'x')
  await fill(disk, 'd/e/kept.log', 'd/old', 'x')
  const options = { archive: true, delete: true, rules: ['P *.log'], maxDelete: 1 }
  for (const dryRun of [true, false])
    expect((await run({ ...options, dryRun })).summary).toMatchObject({ removed: 1, failed: 0 })
  expect(await contents(disk)).toEqual({ 'd/e/kept.log': 'd/e/kept.log', x: 'x' })
})
