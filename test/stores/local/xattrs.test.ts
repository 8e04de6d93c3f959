import { chmodSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { failure } from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe.runIf(process.platform === 'linux')('extended attributes', () => {
  test('any that are given are those that are there', async () => {
    const store = localStore(await testDirectory())
    const key = toKey('file')
    await store.write(key, bytes('x'))
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    const xattrs = fc
      .array(fc.tuple(name, fc.uint8Array({ maxLength: 100 })), { maxLength: 5 })
      .map((pairs) => Object.fromEntries(new Map(pairs)))
    await fc.assert(
      fc.asyncProperty(xattrs, async (given) => {
        await store.setAttributes?.(key, { xattrs: given })
        const { attributes } = await store.stat(key, { xattrs: true })
        expect(attributes.xattrs).toEqual(given)
      }),
    )
    expect((await store.stat(key)).attributes.xattrs).toBeUndefined()
  })

  test('come with files and directories, read-only ones too, and leave time and mode alone', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    const attributes = {
      xattrs: { note: bytes('x') },
      mtime: 1_000_000_000_000_000_000n,
      mode: 0o100400,
    }
    await store.write(toKey('file'), bytes('x'), { attributes })
    await store.write(toKey('dir/'), new Uint8Array(0), {
      attributes: { ...attributes, mode: 0o040500 },
    })
    expect((await store.stat(toKey('file'), { xattrs: true })).attributes).toMatchObject(attributes)
    expect((await store.stat(toKey('dir/'), { xattrs: true })).attributes.xattrs).toEqual(
      attributes.xattrs,
    )
    await store.setAttributes?.(toKey('file'), { xattrs: { other: bytes('y') } })
    expect((await store.stat(toKey('file'), { xattrs: true })).attributes).toMatchObject({
      mode: 0o100400,
      mtime: attributes.mtime,
      xattrs: { other: bytes('y') },
    })
    chmodSync(join(directory, 'dir'), 0o700)
  })

  test('of a link: it has none, and is given none', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    const link = { mode: 0o120777, xattrs: {} }
    await store.write(toKey('link'), bytes('target'), { attributes: link })
    expect((await store.stat(toKey('link'), { xattrs: true })).attributes.xattrs).toEqual({})
    const attributes = { ...link, xattrs: { note: bytes('x') } }
    const error = await failure(
      store.write(toKey('link2'), bytes('target'), { attributes }),
      'unsupported',
    )
    expect(error).toMatchObject({ key: 'link2', hint: 'Leave out --xattrs.' })
    const condition = { kind: 'if-absent' } as const
    await failure(
      store.write(toKey('link2'), bytes('target'), { attributes, condition }),
      'unsupported',
    )
    expect(() => lstatSync(join(directory, 'link2'))).toThrow('ENOENT')
  })

  test('larger than the system keeps is refused, and nothing is written', async () => {
    const directory = await testDirectory()
    const store = localStore(directory)
    const attributes = { xattrs: { big: new Uint8Array(70_000) } }
    const error = await failure(store.write(toKey('f'), bytes('x'), { attributes }), 'unsupported')
    expect(error.message).toContain('"big"')
    expect(() => lstatSync(join(directory, 'f'))).toThrow('ENOENT')
  })

  test('a file system that has none tells of none', async () => {
    const store = localStore('/proc/self')
    expect((await store.stat(toKey('stat'), { xattrs: true })).attributes.xattrs).toEqual({})
  })
})

describe('without koffi', () => {
  afterEach(() => {
    vi.doUnmock('koffi')
    vi.resetModules()
  })

  test('they are unsupported, with what to do', async () => {
    vi.resetModules()
    vi.doMock('koffi', () => {
      throw new Error('no such package')
    })
    const { localStore: openStore } = await import('../../../src/stores/local/store.ts')
    const store = openStore(await testDirectory())
    await store.write(toKey('file'), bytes('x'))
    await expect(store.stat(toKey('file'), { xattrs: true })).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringMatching(/koffi|--xattrs/),
    })
    expect((await store.stat(toKey('file'))).size).toBe(1)
  })
})
