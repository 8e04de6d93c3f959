import { expect, test } from 'vitest'
import { RunMeter } from '../../src/core/meter.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { trace, type CallRecord } from '../../src/layers/trace.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { memoryProfile } from '../conformance/profiles.ts'
import { conformance } from '../conformance/suite.ts'
import { bytesOf, collect, entries, failure, get, key, put, remove } from '../conformance/tools.ts'
import { withPart } from './tools.ts'

conformance('trace', memoryProfile, async () => ({
  store: trace(memoryStore(), { onCall: () => {}, meter: new RunMeter() }),
}))

function made() {
  const records: CallRecord[] = []
  const memory = memoryStore({ name: 'here' })
  let time = 0
  const store = trace(memory, { onCall: (record) => records.push(record), now: () => (time += 5) })
  return { memory, records, store }
}

const content = bytesOf(100_000)

test('every call is told of once, when it is finished', async () => {
  const { records, store } = made()
  const { multipart, copy, rename, setAttributes } = store
  await put(store, 'a', content)
  await store.stat(key('a'))
  await get(store, 'a')
  await store.readInto(key('a'), new Uint8Array(200), 99_900)
  await entries(store, 'a')
  await copy?.copy({ location: store.location, key: key('a') }, key('b'))
  await setAttributes?.(key('b'), { mode: 0o100644 })
  await rename?.({ key: key('b') }, key('d'))
  await remove(store, 'd')
  const upload = await multipart?.begin(key('c'))
  if (!multipart || !upload) throw new Error('no multipart')
  const slot = { number: 1, offset: 0 }
  await multipart.part(upload, slot, content)
  const from = { location: store.location, key: key('a') }
  const part = await multipart.copyPart?.(upload, slot, from, { start: 0, end: 10 })
  await collect(multipart.parts(upload))
  await collect(multipart.uploads(key('')))
  await multipart.complete(upload, part ? [part] : [], { size: 10 })
  await multipart.abort(upload)

  expect(records.map(({ op, key: name, bytes }) => [op, name, bytes])).toEqual([
    ['write', 'a', 100_000],
    ['stat', 'a', undefined],
    ['read', 'a', 100_000],
    ['readInto', 'a', 100],
    ['list', 'a', undefined],
    ['copy', 'b', undefined],
    ['setAttributes', 'b', undefined],
    ['rename', 'd', undefined],
    ['remove', undefined, undefined],
    ['begin', 'c', undefined],
    ['part', 'c', 100_000],
    ['copyPart', 'c', undefined],
    ['parts', 'c', undefined],
    ['uploads', '', undefined],
    ['complete', 'c', undefined],
    ['abort', 'c', undefined],
  ])
  for (const { error, milliseconds } of records)
    expect([error, milliseconds]).toEqual([undefined, 5])
  expect(records[0]?.address).toBe('memory://here/a')
  expect(records[8]?.address).toBe('memory://here/')
})

test('a part that is read back is told of with its bytes', async () => {
  const { store, over } = await withPart(content)
  const records: CallRecord[] = []
  await collect(over(trace(store, { onCall: (record) => records.push(record) })))
  expect(records.map(({ op, key: name, bytes }) => [op, name, bytes])).toEqual([
    ['readPart', 'a', 100_000],
  ])
})

test('a failure is told of with its error', async () => {
  const { records, store } = made()
  await failure(store.stat(key('none')), 'not-found')
  await failure(store.read(key('none')), 'not-found')
  await failure(collect(store.list(key(''), { signal: AbortSignal.abort() })), 'interrupted')
  expect(records.map(({ op, error }) => [op, error?.code])).toEqual([
    ['stat', 'not-found'],
    ['read', 'not-found'],
    ['list', 'interrupted'],
  ])
})

test('a stream is told of where it breaks or is left', async () => {
  const { memory, records, store } = made()
  await put(memory, 'a', content)
  await put(memory, 'b')
  for await (const chunk of await store.read(key('a'))) {
    expect(records).toEqual([])
    expect(chunk.length).toBe(65_536)
    break
  }
  for await (const entry of store.list(key(''))) {
    expect(entry.key).toBe('a')
    break
  }
  const broken = trace(faulty(memory, { seed: 2, rates: { truncate: 1 } }), {
    onCall: (record) => records.push(record),
  })
  await failure(get(broken, 'a'), 'unavailable')
  expect(records.map(({ op, error }) => [op, error?.code])).toEqual([
    ['read', undefined],
    ['list', undefined],
    ['read', 'unavailable'],
  ])
  expect(records[0]?.bytes).toBe(65_536)
  expect(records[2]?.bytes).toBeLessThan(content.length)
})

test('its meter counts beside the one of the caller', async () => {
  const [ours, theirs] = [new RunMeter(), new RunMeter()]
  const store = trace(memoryStore(), { onCall: () => {}, meter: ours })
  await put(store, 'a', content, { meter: theirs })
  await collect(await store.read(key('a'), { meter: theirs }))
  await store.stat(key('a'))
  const traffic = { sent: content.length, received: content.length }
  expect(theirs.totals()).toEqual({ requests: { write: 1, read: 1 }, ...traffic })
  expect(ours.totals()).toEqual({ requests: { write: 1, read: 1, stat: 1 }, ...traffic })
})
