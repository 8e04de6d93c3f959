// Services that refuse conditions on what a request changes: older ones, and gateways over other stores.
import { expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import type { Condition, Store } from '../../../src/core/store.ts'
import {
  bytesOf,
  expectSame,
  failure,
  get,
  getText,
  keys,
  MiB,
  put,
  remove,
} from '../../conformance/tools.ts'
import { isConditional, type Refusal } from '../../servers/gateway.ts'
import { describeS3 } from '../../servers/s3.ts'
import { multipartOf } from '../../transfer/tools.ts'
import { openBehind, openVersioned } from './open.ts'

const absent: Condition = { kind: 'if-absent' }
const wrong: Condition = { kind: 'if-match', etag: '"0cc175b9c0f1b6a831c399e269772661"' }

/** The ways to change an object, by the condition that it is to be done on. */
const changes: Readonly<
  Record<string, (store: Store, condition: Condition, body: Uint8Array) => Promise<unknown>>
> = {
  write: (store, condition, body) => store.write(toKey('a'), body, { condition }),
  async copy(store, condition, body) {
    await put(store, 'from', body)
    const from = { location: store.location, key: toKey('from') }
    await store.copy?.copy(from, toKey('a'), { condition })
  },
  async complete(store, condition, body) {
    const multipart = multipartOf(store)
    const upload = await multipart.begin(toKey('a'))
    const part = await multipart.part(upload, { number: 1, offset: 0 }, body)
    await multipart.complete(upload, [part], { size: body.length, condition })
  },
}

describeS3('conditions that are refused', (endpoint) => {
  const refusals: readonly Refusal[] = [
    { status: 501, code: 'NotImplemented' },
    { status: 501, code: '' },
    { status: 400, code: 'InvalidArgument' },
  ]
  const cases = Object.entries(changes).flatMap(([op, change]) =>
    refusals.map((refusal) => ({ op, change, refusal, ...refusal })),
  )
  test.each(cases)('$op, $status $code: looked at before, and not asked again', async (one) => {
    const { change, refusal } = one
    const { store, gateway } = await openBehind(endpoint, (asked) =>
      isConditional(asked) ? refusal : undefined,
    )
    const [first, second] = [bytesOf(6 * MiB, 1), bytesOf(6 * MiB, 2)]
    await change(store, absent, first)
    expectSame(await get(store, 'a'), first)
    await failure(change(store, absent, second), 'precondition-failed')
    await failure(change(store, wrong, second), 'precondition-failed')
    expectSame(await get(store, 'a'), first)
    const { etag = '' } = await store.stat(toKey('a'))
    await change(store, { kind: 'if-match', etag }, second)
    expectSame(await get(store, 'a'), second)
    const { length: asked } = gateway.asked.filter(isConditional)
    await change(
      store,
      { kind: 'if-match', etag: (await store.stat(toKey('a'))).etag ?? '' },
      first,
    )
    await failure(change(store, absent, second), 'precondition-failed')
    expectSame(await get(store, 'a'), first)
    expect(gateway.asked.filter(isConditional).length).toBe(asked)
  })

  test('remove: looked at before, and not asked again', async () => {
    const [refusal] = refusals
    const { store, gateway } = await openBehind(endpoint, (asked) =>
      isConditional(asked) ? refusal : undefined,
    )
    const etags: string[] = []
    for (const key of ['a', 'b']) etags.push((await put(store, key)).etag ?? '')
    const [a, b] = etags
    expect(await remove(store, { key: toKey('a'), etag: a })).toEqual([
      { key: 'a', error: undefined },
    ])
    const { length: asked } = gateway.asked.filter(isConditional)
    const [kept] = await remove(store, { key: toKey('b'), etag: a })
    expect(kept?.error).toMatchObject({ code: 'precondition-failed' })
    expect(await keys(store, '')).toEqual(['b'])
    for (const key of ['b', 'absent'])
      expect(await remove(store, { key: toKey(key), etag: b })).toEqual([{ key, error: undefined }])
    expect(await keys(store, '')).toEqual([])
    expect([asked, gateway.asked.filter(isConditional).length]).toEqual([1, 1])
  })

  test('what is refused anyway is no word on conditions', async () => {
    let refuses = true
    const { store, gateway } = await openBehind(endpoint, ({ method, path }) =>
      refuses && method === 'PUT' && path.endsWith('/a')
        ? { status: 501, code: 'NotImplemented' }
        : undefined,
    )
    await failure(store.write(toKey('a'), bytesOf(1), { condition: absent }), 'unsupported')
    refuses = false
    await put(store, 'a', 'theirs')
    const asked = gateway.asked.length
    await failure(store.write(toKey('a'), bytesOf(1), { condition: absent }), 'precondition-failed')
    expect(gateway.asked.slice(asked).map(isConditional)).toEqual([true])
    expect(await getText(store, 'a')).toBe('theirs')
  })
})

describeS3('conditions on what has versions', (endpoint) => {
  test.each(Object.entries(changes))('%s: held', async (_, change) => {
    const store = await openVersioned(endpoint)
    const [first, second] = [bytesOf(6 * MiB, 1), bytesOf(6 * MiB, 2)]
    const { etag = '' } = await put(store, 'a', first)
    await failure(change(store, wrong, second), 'precondition-failed')
    expectSame(await get(store, 'a'), first)
    await change(store, { kind: 'if-match', etag }, second)
    expectSame(await get(store, 'a'), second)
    await failure(change(store, { kind: 'if-match', etag }, first), 'precondition-failed')
    expectSame(await get(store, 'a'), second)
  })
})
