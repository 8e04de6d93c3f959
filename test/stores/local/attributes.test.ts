import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Attributes } from '../../../src/core/attributes.ts'
import { toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { testDirectory } from './directory.ts'
import { runChild } from './run-child.ts'

const content = Buffer.from('#!')

function owners(path: string): { uid: number; gid: number } {
  const { uid, gid } = lstatSync(path)
  return { uid, gid }
}

test('setuid and setgid are not taken over without their owners, neither by a write nor afterwards', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const key = toKey('program')
  const modeNow = (): number => lstatSync(join(directory, 'program')).mode & 0o7777
  await store.write(key, content, { attributes: { mode: 0o106755 } })
  expect(modeNow()).toBe(0o755)
  await store.setAttributes?.(key, { mode: 0o106711 })
  expect(modeNow()).toBe(0o711)
  // Its present owners, by number, are not said to be those it had.
  const { attributes } = await store.stat(key)
  await store.setAttributes?.(key, { ...attributes, mode: 0o106700 })
  expect(modeNow()).toBe(0o700)
})

test('one who owns it gets a program of their own back as it was', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  const key = toKey('program')
  await store.write(key, content)
  const { attributes } = await store.stat(key, { owners: true })
  await store.write(key, content, { attributes: { ...attributes, mode: 0o106755 } })
  expect(lstatSync(join(directory, 'program')).mode & 0o7777).toBe(0o6755)
})

test('owners are told by number, and by name to who asks', async () => {
  const directory = await testDirectory()
  const store = localStore(directory)
  await store.write(toKey('a'), content)
  const { uid, gid } = lstatSync(join(directory, 'a'))
  const told = await store.stat(toKey('a'))
  expect(told.attributes).toMatchObject({ uid, gid })
  expect(told.attributes).not.toHaveProperty('owner')
  const { attributes } = await store.stat(toKey('a'), { owners: true })
  if (uid === 0) expect(attributes.owner).toBe('root')
  expect(Object.keys(attributes)).toEqual(expect.arrayContaining(['owner', 'group']))
})

describe.runIf(process.geteuid?.() === 0)('root', () => {
  const given: Attributes = { uid: 4321, gid: 5432, mode: 0o100644, mtime: 1_000_000_000n }

  test('gives files, directories and links their owners', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    const numbers = { uid: 4321, gid: 5432 }
    await store.write(toKey('file'), content, { attributes: given })
    await store.write(toKey('dir/'), new Uint8Array(0), {
      attributes: { ...given, mode: 0o040755 },
    })
    await store.write(toKey('link'), Buffer.from('x'), {
      attributes: { ...given, mode: 0o120777 },
    })
    for (const name of ['file', 'dir', 'link'])
      expect(owners(join(directory, name))).toEqual(numbers)
    const changed = { uid: 1, gid: 2 }
    for (const name of ['file', 'dir/', 'link']) {
      await store.setAttributes?.(toKey(name), changed)
      expect((await store.stat(toKey(name))).attributes).toMatchObject(changed)
    }
    expect(lstatSync(join(directory, 'link')).mtimeMs).toBe(1000)
  })

  test('others set what is their own and has a mode that keeps them out, and nothing else', async () => {
    const directory = await testDirectory()
    for (const name of ['shut', 'open', 'others']) mkdirSync(join(directory, name))
    writeFileSync(join(directory, 'secret'), 'x')
    for (const name of ['shut', 'open', 'secret']) {
      chownSync(join(directory, name), 65_534, 65_534)
      chmodSync(join(directory, name), 0)
    }
    chmodSync(join(directory, 'others'), 0)
    chmodSync(directory, 0o755)
    expect(await runChild('hidden', directory)).toEqual([{ error: 'local-io', key: 'others/' }])
    const facts = ['shut', 'secret', 'open', 'others'].map((name) => {
      const { mode, mtimeMs } = lstatSync(join(directory, name))
      return [(mode & 0o7777).toString(8), mtimeMs === 1000]
    })
    expect(facts).toEqual([
      ['0', true],
      ['0', true],
      ['751', true],
      ['0', false],
    ])
  })

  test('a name goes before its number, which is taken where the name is not known', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    const numbers = { uid: 4321, gid: 5432 }
    await store.write(toKey('known'), content, {
      attributes: { ...numbers, owner: 'root', group: 'root' },
    })
    expect(owners(join(directory, 'known'))).toEqual({ uid: 0, gid: 0 })
    const nobody = { owner: 'nobody-of-this-name', group: 'no-group-of-this-name' }
    await store.write(toKey('unknown'), content, { attributes: { ...numbers, ...nobody } })
    expect(owners(join(directory, 'unknown'))).toEqual(numbers)
  })

  test.each<[string, Attributes, number]>([
    ['of a name that is known', { owner: 'root', group: 'root' }, 0o6755],
    ['of a number that stands for itself', { owner: '4321', group: '5432' }, 0o6755],
    ['of a number alone', { uid: 4321, gid: 5432 }, 0o755],
    ['of a name that is not known', { uid: 4321, gid: 0, owner: 'nobody-at-all' }, 0o755],
    ['whose group alone is known', { uid: 4321, group: 'root' }, 0o755],
    ['whose owner alone is known', { owner: 'root', gid: 5432 }, 0o4755],
    ['without owners', {}, 0o755],
  ])('a setuid program %s', async (_title, attributes, mode) => {
    const directory = await testDirectory()
    const store = localStore(directory)
    await store.write(toKey('p'), content, { attributes: { ...attributes, mode: 0o106755 } })
    expect(lstatSync(join(directory, 'p')).mode & 0o7777).toBe(mode)
    await store.setAttributes?.(toKey('p'), { ...attributes, mode: 0o106755 })
    expect(lstatSync(join(directory, 'p')).mode & 0o7777).toBe(mode)
  })

  test('an upload in parts keeps its owners over a restart', async () => {
    const directory = await testDirectory()
    const upload = await localStore(directory).multipart?.begin(toKey('big'), {
      attributes: given,
    })
    const { multipart } = localStore(directory)
    if (!upload || !multipart) throw new Error('no parts')
    const receipt = await multipart.part(upload, { number: 1, offset: 0 }, content)
    await multipart.complete(upload, [receipt], { size: content.length })
    expect((await localStore(directory).stat(toKey('big'))).attributes).toMatchObject(given)
  })

  test('a copy and a link that is renamed keep their owners, and programs their rights', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    await store.write(toKey('a'), content)
    chownSync(join(directory, 'a'), 4321, 5432)
    chmodSync(join(directory, 'a'), 0o6755)
    symlinkSync('x', join(directory, 'link'))
    lchownSync(join(directory, 'link'), 4321, 5432)
    await store.copy?.copy({ location: store.location, key: toKey('a') }, toKey('b'))
    expect(owners(join(directory, 'b'))).toEqual({ uid: 4321, gid: 5432 })
    expect(lstatSync(join(directory, 'b')).mode & 0o7777).toBe(0o6755)
    const condition = { kind: 'if-absent' } as const
    await store.rename?.({ key: toKey('link') }, toKey('moved'), { condition })
    expect(owners(join(directory, 'moved'))).toEqual({ uid: 4321, gid: 5432 })
  })
})
