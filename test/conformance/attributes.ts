// What an object has beside its bytes.
import { expect, test } from 'vitest'
import type { Bench } from './suite.ts'
import { getText, key, put } from './tools.ts'

const mtime = 1_234_567_890_123_456_789n
const mode = 0o100640

export function attributeTests(bench: Bench): void {
  const { profile } = bench
  const { mtime: resolution } = profile

  function expectTime(actual: bigint | undefined, expected: bigint): void {
    const distance = (actual ?? 0n) - expected
    expect(distance < 0n ? -distance : distance).toBeLessThan(resolution ?? 0n)
  }

  if (resolution !== undefined)
    test('the modification time is kept', async () => {
      const { store } = bench
      for (const time of [mtime, 0n, 1n, -1_500_000_000n, 2_147_000_000_999_999_999n]) {
        const name = `${bench.prefix()}object`
        await put(store, name, 'x', { attributes: { mtime: time } })
        const info = await store.stat(key(name))
        expectTime(info.attributes.mtime, time)
        if (profile.traits.modified === 'native') expectTime(info.modified, time)
      }
    })

  if (profile.mode)
    test('the mode is kept', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      await put(store, name, 'x', { attributes: { mode } })
      expect((await store.stat(key(name))).attributes.mode).toBe(mode)
    })

  if (profile.owners)
    test('owners and extended attributes are kept', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      const attributes = {
        uid: 1000,
        gid: 4_294_967_294,
        owner: 'zo\u00eb',
        group: 'two words',
        xattrs: { 'user name=\u00e9': new Uint8Array([0, 255, 37]), empty: new Uint8Array(0) },
      }
      await put(store, name, 'x', { attributes })
      const info = await store.stat(key(name), { owners: true, xattrs: true })
      expect(info.attributes).toMatchObject(attributes)
      expect(info.metadata).toEqual({})
    })

  if (profile.metadata)
    test('metadata and content type are kept, and go with the bytes they belong to', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      const metadata = { note: 'some text', 'dashed-name': 'a=b; c' }
      await put(store, name, 'x', { metadata, contentType: 'text/csv' })
      const info = await store.stat(key(name))
      expect(info.metadata).toEqual(metadata)
      expect(info.contentType).toBe('text/csv')
      const { info: read } = await store.readInto(key(name), new Uint8Array(1), 0)
      expect(read.metadata).toEqual(metadata)
      await put(store, name, 'y')
      expect((await store.stat(key(name))).metadata).toEqual({})
    })

  if (profile.setAttributes)
    test('attributes are set in place', async () => {
      const { store } = bench
      const name = `${bench.prefix()}object`
      await put(store, name, 'x', { attributes: { mtime: 5_000_000_000n, mode: 0o100600 } })
      await store.setAttributes?.(key(name), { mode })
      let info = await store.stat(key(name))
      expect(info.attributes.mode).toBe(mode)
      expectTime(info.attributes.mtime, 5_000_000_000n)
      await store.setAttributes?.(key(name), { mtime })
      info = await store.stat(key(name))
      expectTime(info.attributes.mtime, mtime)
      expect(info.attributes.mode).toBe(mode)
      expect(await getText(store, name)).toBe('x')
      await expect(store.setAttributes?.(key(`${name}-absent`), { mode })).rejects.toMatchObject({
        code: 'not-found',
      })
    })
}
