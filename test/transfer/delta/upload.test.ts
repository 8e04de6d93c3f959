// Only what changed is sent, and what results is right: on the real servers, and in memory for what they never do.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { RunMeter } from '../../../src/core/meter.ts'
import type { Store } from '../../../src/core/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { BufferPool } from '../../../src/transfer/buffers.ts'
import { SignatureShelf } from '../../../src/transfer/delta/shelf.ts'
import type { TransferContext } from '../../../src/transfer/context.ts'
import { transferObject, type Transferred } from '../../../src/transfer/object.ts'
import { bytesOf, expectSame, get, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { contextOf, KiB, nothing, temporaryState, unfinished, workOf } from '../tools.ts'

const average = 64 * KiB
const old = bytesOf(24 * MiB + 12_345, 1)

interface Bench {
  readonly source: Store
  readonly target: Store
  readonly meter: RunMeter
  /** Uploads the bytes over what is there, and tells what that took. */
  upload(
    bytes: Uint8Array,
    change?: Partial<TransferContext>,
  ): Promise<Transferred & { sentInAll: number }>
}

async function benchOf(target: Store, partSize: number): Promise<Bench> {
  const source = memoryStore()
  const { signatures } = await temporaryState()
  const meter = new RunMeter()
  return {
    source,
    target,
    meter,
    async upload(bytes, change = {}) {
      await put(source, 'big', bytes)
      const own = new RunMeter()
      const to = change.target ?? target
      const shelf = new SignatureShelf({
        store: to,
        known: signatures,
        reserved: toKey('.hawser/'),
        onWarning: (message) => expect.unreachable(message),
        meter: own,
      })
      const context = contextOf(source, to, {
        buffers: new BufferPool(32 * MiB, 8 * MiB),
        partSize,
        delta: { threshold: 1, average, shelf },
        meter: own,
        ...change,
      })
      const work = await workOf(source, to, 'big')
      const done = await transferObject(work, context, nothing)
      return { ...done, sentInAll: own.totals().sent }
    },
  }
}

function edited(bytes: Uint8Array, at: number, less: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + less)])
}

const edits: readonly [string, Uint8Array][] = [
  ['one byte changed', edited(old, 11 * MiB, 1, Buffer.from('x'))],
  ['one byte inserted at the front', edited(old, 0, 0, Buffer.from('x'))],
  ['1 MiB removed', edited(old, 11 * MiB, MiB, Buffer.alloc(0))],
  ['100 KiB appended', edited(old, old.length, 0, bytesOf(100 * KiB, 2))],
  ['nothing changed', old],
]

describeS3('delta', (endpoint) => {
  let target: Store
  beforeAll(async () => {
    target = await openBucket(endpoint)
  })
  afterAll(async () => target[Symbol.asyncDispose]())

  test.each(edits)('%s: little is sent', async (_, bytes) => {
    const bench = await benchOf(target, 8 * MiB)
    await remove(target, 'big')
    const first = await bench.upload(old)
    expect(first.sent).toBe(old.length)
    const second = await bench.upload(bytes)
    expect(second.sentInAll).toBeLessThan(6 * MiB)
    expectSame(await get(bench.target, 'big'), bytes)
    const back = await bench.upload(old)
    expect(back.sentInAll).toBeLessThan(7 * MiB)
    expectSame(await get(bench.target, 'big'), old)
    expect(await unfinished(bench.target)).toEqual([])
  })
})
