import { open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { openState } from '../../src/state/state.ts'
import { StateThread } from '../../src/state/thread.ts'
import { collect, row, temporaryDirectory, temporaryState, trees } from './fixtures.ts'

const database = process.getBuiltinModule('node:sqlite').DatabaseSync

/** A directory whose state holds some hundred pages of rows. */
async function filled(): Promise<{ directory: string; file: string }> {
  const directory = await temporaryDirectory()
  const state = await openState(directory)
  for (let i = 0; i < 5_000; i++) await state.pairs.put(trees, row(`${i}`.padStart(100, '0')))
  await state[Symbol.asyncDispose]()
  return { directory, file: join(directory, 'state.sqlite') }
}

test('nothing is made before the first use', async () => {
  const directory = join(await temporaryDirectory(), 'state')
  const state = await openState(directory)
  await state[Symbol.asyncDispose]()
  await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what is made is for this user alone, and disposing writes what is buffered', async () => {
  const directory = join(await temporaryDirectory(), 'deep', 'state')
  const state = await openState(directory)
  await state.pairs.put(trees, row('a'))
  await state.pairs.flush()
  await state.pairs.put(trees, row('b'))
  if (process.platform !== 'win32') {
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    const files = (await readdir(directory)).filter((name) => name.startsWith('state.sqlite'))
    expect(files).toEqual(['state.sqlite', 'state.sqlite-shm', 'state.sqlite-wal'])
    for (const name of files) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  }
  await state[Symbol.asyncDispose]()
  await state[Symbol.asyncDispose]()
  await expect(state.pairs.put(trees, row('c'))).rejects.toMatchObject({ code: 'internal' })
  expect(await readdir(directory)).toEqual(['locks', 'state.sqlite'])
  const later = await temporaryState(directory)
  expect((await collect(later.pairs.scan(trees))).map(({ key }) => key)).toEqual(['a', 'b'])
})

test('a directory that cannot be made names the way out', async () => {
  const file = join(await temporaryDirectory(), 'file')
  await writeFile(file, '')
  const state = await temporaryState(join(file, 'state'))
  await expect(state.pairs.get(trees, toKey('a'))).rejects.toMatchObject({
    code: 'local-io',
    address: join(file, 'state'),
    hint: expect.stringContaining('--state-dir'),
  })
})

test('a state of a newer version is refused and left alone', async () => {
  const { directory, file } = await filled()
  const newer = new database(file)
  newer.exec('PRAGMA user_version = 6')
  newer.close()
  const before = await readFile(file)
  const state = await temporaryState(directory)
  await expect(state.pairs.get(trees, toKey('a'))).rejects.toMatchObject({
    code: 'invalid-config',
    message: expect.stringContaining('made by a newer Hawser'),
    hint: expect.any(String),
  })
  expect(await readFile(file)).toEqual(before)
})

describe('a file that is no state is moved aside with a warning, and a new one begins', () => {
  test.each<[string, (file: string) => Promise<void>]>([
    ['text', (file) => writeFile(file, 'this is no database '.repeat(500))],
    ['a damaged header', (file) => overwrite(file, 0, 'XXXXXXXX')],
    ['a damaged first page', (file) => overwrite(file, 100, 'X'.repeat(3_000))],
    ['cut short', (file) => truncate(file, 6_000)],
    [
      "another program's database",
      async (file) => {
        await writeFile(file, '')
        const other = new database(file)
        other.exec('CREATE TABLE theirs (x)')
        other.close()
      },
    ],
  ])('%s', async (_, damage) => {
    const { directory, file } = await filled()
    await damage(file)
    const before = await readFile(file)
    const warnings: string[] = []
    // Two at once: one of them replaces the file, the other finds it replaced.
    const options = { onWarning: (warning: string): number => warnings.push(warning) }
    const states = [
      await temporaryState(directory, options),
      await temporaryState(directory, options),
    ]
    await Promise.all(states.map((state, i) => state.pairs.put(trees, row(`new ${i}`))))
    await Promise.all(states.map((state) => state.pairs.flush()))
    for (const state of states) expect(await collect(state.pairs.scan(trees))).toHaveLength(2)
    expect(warnings).toEqual([expect.stringContaining(`${file}.damaged-`)])
    // The other one's empty log may have been moved with it.
    const aside = (await readdir(directory)).filter((name) => /damaged-\w+$/.test(name))
    expect(aside).toHaveLength(1)
    expect(await readFile(join(directory, aside[0] ?? ''))).toEqual(before)
  })
})

test('damage found in the middle of a run ends that run only', async () => {
  const { directory, file } = await filled()
  await overwrite(file, 16_384, 'X'.repeat(200_000))
  const state = await temporaryState(directory)
  await expect(collect(state.pairs.scan(trees))).rejects.toMatchObject({
    code: 'local-io',
    message: expect.stringContaining(`${file}.damaged-`),
  })
  await expect(state.pairs.get(trees, toKey('a'))).rejects.toMatchObject({ code: 'local-io' })
  const next = await temporaryState(directory)
  expect(await collect(next.pairs.scan(trees))).toEqual([])
})

test('the death of the thread fails what waits and what comes, and hangs nothing', async () => {
  const script = new URL('./programs/dying-worker.ts', import.meta.url)
  const thread = new StateThread({ directory: await temporaryDirectory(), script })
  onTestFinished(() => thread.end())
  const calls = [thread.read('SELECT 1', []), thread.write([])]
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'internal' })
  await expect(thread.read('SELECT 1', [])).rejects.toMatchObject({ code: 'internal' })
})

test('a failed write reaches the next who puts or flushes', async () => {
  const { directory, file } = await filled()
  const state = await openState(directory)
  await state.pairs.put(trees, row('a'))
  await state.pairs.flush()
  const other = new database(file)
  other.exec('DROP TABLE pairs')
  other.close()
  await state.pairs.put(trees, row('b'))
  await expect(state.pairs.flush()).rejects.toMatchObject({ code: 'internal' })
  await expect(state.pairs.put(trees, row('c'))).rejects.toMatchObject({ code: 'internal' })
  await expect(state[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'internal' })
})

async function overwrite(file: string, position: number, bytes: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, position)
  await handle.close()
}
