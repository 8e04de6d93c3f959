// A signal that has aborted before the call: nothing is begun.
import { expect, test } from 'vitest'
import type { KeyRef } from '../../src/core/store.ts'
import type { Bench } from './suite.ts'
import { CountedSource, bytesOf, collect, failure, key, keys, put } from './tools.ts'

export function signalTests(bench: Bench): void {
  const { profile } = bench
  const signal = AbortSignal.abort()

  test('an aborted signal stops every call before it begins', async () => {
    const { store } = bench
    const prefix = bench.prefix()
    const name = key(`${prefix}object`)
    await put(store, name, 'old')
    const source = new CountedSource(bytesOf(100))
    let pulled = 0
    async function* pulledRefs(): AsyncGenerator<KeyRef> {
      pulled++
      yield { key: name }
    }
    await failure(collect(store.list(key(prefix), { signal })), 'interrupted')
    await failure(store.stat(name, { signal }), 'interrupted')
    await failure(store.read(name, { signal }), 'interrupted')
    await failure(store.readInto(name, new Uint8Array(3), 0, { signal }), 'interrupted')
    await failure(store.write(name, source, { signal }), 'interrupted')
    await failure(collect(store.remove(pulledRefs(), { signal })), 'interrupted')
    expect(source.opened).toBe(0)
    expect(pulled).toBe(0)
    expect(await keys(store, prefix)).toEqual(['object'])
  })

  if (profile.copy)
    test('copy too', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}from`)
      const from = { location: store.location, key: key(`${prefix}from`) }
      await failure(
        store.copy?.copy(from, key(`${prefix}to`), { signal }) ?? Promise.resolve(),
        'interrupted',
      )
      expect(await keys(store, prefix)).toEqual(['from'])
    })

  if (profile.rename)
    test('rename too', async () => {
      const { store } = bench
      const prefix = bench.prefix()
      await put(store, `${prefix}from`)
      await failure(
        store.rename?.({ key: key(`${prefix}from`) }, key(`${prefix}to`), { signal }) ??
          Promise.resolve(),
        'interrupted',
      )
      expect(await keys(store, prefix)).toEqual(['from'])
    })

  if (profile.multipart)
    test('multipart too', async () => {
      const { multipart } = bench.store
      if (!multipart) throw new Error('no multipart')
      const name = key(`${bench.prefix()}object`)
      await failure(multipart.begin(name, { signal }), 'interrupted')
      const upload = await multipart.begin(name)
      const slot = { number: 1, offset: 0 }
      await failure(multipart.part(upload, slot, Buffer.from('x'), { signal }), 'interrupted')
      await failure(collect(multipart.parts(upload, { signal })), 'interrupted')
      if (multipart.readPart)
        await failure(collect(multipart.readPart(upload, slot, 1, { signal })), 'interrupted')
      await failure(multipart.complete(upload, [], { size: 0, signal }), 'interrupted')
      await failure(multipart.abort(upload, { signal }), 'interrupted')
      await multipart.abort(upload)
    })
}
