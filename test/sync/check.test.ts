import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Checked } from '../../src/core/events.ts'
import { toKey } from '../../src/core/key.ts'
import { RunMeter } from '../../src/core/meter.ts'
import type { ObjectInfo, Store } from '../../src/core/store.ts'
import { faulty } from '../../src/layers/faulty.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { check, checkRecorded, type CheckOptions } from '../../src/sync/check.ts'
import type { CheckResult } from '../../src/sync/check-report.ts'
import { copy } from '../../src/sync/copy.ts'
import { bytesOf, failure, MiB, put } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { multipartOf, storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { Events, fill, place } from './tools.ts'

interface Told {
  readonly result: CheckResult
  /** `verdict name by`, in the order in which they were told. */
  readonly lines: string[]
  readonly checked: readonly Checked[]
  readonly requests: Readonly<Record<string, number>>
}

async function told(run: (options: CheckOptions) => Promise<CheckResult>): Promise<Told> {
  const events = new Events()
  const meter = new RunMeter()
  const result = await run({ onEvent: events.sink, meter })
  const checked = events.all.flatMap((event) => (event.type === 'checked' ? [event] : []))
  const lines = checked.map(({ verdict, name, by }) => `${verdict} ${name} ${by ?? '-'}`)
  expect(events.all.at(-1)).toMatchObject({ type: 'check-summary', totals: result.totals })
  return { result, lines, checked, requests: meter.totals().requests }
}

const comparing = (a: Store, b: Store, more: CheckOptions = {}): Promise<Told> =>
  told((options) => check(place(a), place(b), { ...options, ...more }))
const auditing = (store: Store, prefix = ''): Promise<Told> =>
  told((options) => checkRecorded(place(store, prefix), options))

async function putParts(store: Store, key: string, bytes: Uint8Array, size: number): Promise<void> {
  const multipart = multipartOf(store)
  const upload = await multipart.begin(toKey(key))
  const receipts = []
  for (let offset = 0, number = 1; offset < bytes.length; offset += size, number++) {
    const part = bytes.subarray(offset, offset + size)
    receipts.push(await multipart.part(upload, { number, offset }, part))
  }
  await multipart.complete(upload, receipts, { size: bytes.length })
}

/** The store as one that gives the bytes of one object with a bit flipped. */
function damaging(store: Store, key: string): Store {
  return storeWith(store, {
    async readInto(asked, target, position, options) {
      const result = await store.readInto(asked, target, position, options)
      if (asked === key) target[0] = (target[0] ?? 0) ^ 1
      return result
    },
  })
}

/** The store as one that records no checksum, as older ones do; or not even what an encrypted object's MD5 is. */
function forgetful(store: Store, ...forgotten: (keyof ObjectInfo)[]): Store {
  const forget = (info: ObjectInfo): ObjectInfo => ({
    ...info,
    md5: forgotten.includes('md5') ? undefined : info.etag?.replaceAll('"', ''),
    crc64nvme: undefined,
  })
  return storeWith(store, {
    stat: async (key, options) => forget(await store.stat(key, options)),
    async readInto(key, target, position, options) {
      const { info, length } = await store.readInto(key, target, position, options)
      return { info: forget(info), length }
    },
  })
}

type Open = () => Promise<Store>
const inMemory: Open = async () => memoryStore()
const onDisk: Open = async () => localStore(await temporaryDirectory(), { durable: false })

function comparison(openA: Open, openB: Open): void {
  test('equal, different in size, in bytes alone, and on one side only', async () => {
    await using a = await openA()
    await using b = await openB()
    const large = bytesOf(3 * MiB)
    for (const store of [a, b]) {
      await fill(store, 'same', 'sub/same')
      await put(store, 'empty', '')
      await put(store, 'large', large)
    }
    await put(a, 'size', '1')
    await put(b, 'size', '22')
    await put(a, 'sub/bytes', 'aaaa')
    await put(b, 'sub/bytes', 'aaab')
    await put(a, 'tail', large)
    await put(b, 'tail', large.with(large.length - 1, 0))
    await put(a, 'mine', 'm')
    await put(b, 'yours', 'y')
    for (const how of [{}, { download: true }, { sizeOnly: true }]) {
      const { lines, result } = await comparing(a, b, how)
      const sizeOnly = 'sizeOnly' in how
      expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        'equal empty',
        'equal large',
        'only-in-a mine',
        'equal same',
        'differs size',
        `${sizeOnly ? 'equal' : 'differs'} sub/bytes`,
        'equal sub/same',
        `${sizeOnly ? 'equal' : 'differs'} tail`,
        'only-in-b yours',
      ])
      expect(result.totals).toMatchObject({
        equal: sizeOnly ? 6 : 4,
        differing: sizeOnly ? 1 : 3,
        onlyInA: 1,
        onlyInB: 1,
        failed: 0,
      })
      expect(result.findings.length).toBe(sizeOnly ? 3 : 5)
    }
    const { lines, result } = await comparing(a, b, { oneWay: true })
    expect(lines).not.toContainEqual(expect.stringContaining('yours'))
    expect(result.totals.onlyInB).toBe(0)
  })

  test('after a copy all is equal, and nothing was changed by looking', async () => {
    await using a = await openA()
    await using b = await openB()
    await fill(a, 'x', 'y/z')
    await copy([place(a)], place(b), { recursive: true, state: await temporaryState() })
    const { result, requests } = await comparing(a, b)
    expect(result).toMatchObject({ totals: { equal: 2 }, findings: [], failures: [] })
    for (const kind of ['write', 'remove', 'copy', 'part', 'control'])
      expect(requests).not.toHaveProperty(kind)
  })
}

describe('memory with memory', () => comparison(inMemory, inMemory))
describe('disk with disk', () => comparison(onDisk, onDisk))
describe('disk with memory', () => comparison(onDisk, inMemory))
describe('memory with disk', () => comparison(inMemory, onDisk))
describeS3('with S3', (endpoint) => {
  const bucket: Open = async () => openBucket(endpoint)
  describe('disk', () => comparison(onDisk, bucket))
  describe('itself', () => comparison(bucket, bucket))

  test('each object is what was recorded of it, or is not', async () => {
    await using store = await bucket()
    await fill(store, 'a', 'b')
    await put(store, 'empty', '')
    await put(store, 'large', bytesOf(9 * MiB))
    await putParts(store, 'parts', bytesOf(11 * MiB), 5 * MiB)
    const { result, requests } = await auditing(store)
    expect(result).toMatchObject({ totals: { intact: 5, damaged: 0, unproven: 0, failed: 0 } })
    expect(requests['stat']).toBe(3)
    for (const key of ['a', 'large', 'parts']) {
      const damaged = await auditing(damaging(store, key))
      const verdict = damaged.checked.find(({ name }) => name === key)
      // Of parts alone, as old services record them, a wrong digest is none that could be trusted.
      if (key === 'parts' && verdict?.by === undefined) expect(verdict?.verdict).toBe('unproven')
      else expect(verdict?.verdict).toBe('damaged')
    }
  })
})

describe('what is not read where digests tell', () => {
  test('of a disk, its own files alone; of two services, nothing', async () => {
    const [disk, a, b] = [await onDisk(), memoryStore(), memoryStore()]
    for (const store of [disk, a, b]) await put(store, 'x', bytesOf(2 * MiB))
    for (const [one, other] of [
      [disk, a],
      [a, disk],
      [a, b],
    ] as const) {
      const { lines, requests } = await comparing(one, other)
      expect(lines).toEqual(['equal x etag'])
      expect(requests).not.toHaveProperty('read')
      expect(requests).not.toHaveProperty('stat')
    }
  })

  test('parts of different sizes are compared by their checksums', async () => {
    const [a, b] = [memoryStore(), memoryStore()]
    await putParts(a, 'x', bytesOf(20 * MiB), 7 * MiB)
    await putParts(b, 'x', bytesOf(20 * MiB), 5 * MiB)
    const { lines, requests } = await comparing(a, b)
    expect(lines).toEqual(['equal x crc64nvme'])
    expect(requests).not.toHaveProperty('read')
  })

  test('what one alone knows is compared with the bytes of the other', async () => {
    const [a, b] = [memoryStore(), memoryStore()]
    await put(a, 'x', bytesOf(3 * MiB))
    await putParts(b, 'x', bytesOf(3 * MiB), 2 * MiB)
    const unknown = forgetful(b, 'md5')
    for (const [one, other] of [
      [a, unknown],
      [unknown, a],
    ] as const)
      expect((await comparing(one, other)).lines).toEqual(['equal x crc64nvme'])
    for (const [one, other] of [
      [forgetful(a), unknown],
      [unknown, forgetful(a)],
    ] as const)
      expect((await comparing(one, other)).lines).toEqual(['equal x md5'])
    const both = await comparing(forgetful(a, 'md5'), unknown)
    expect(both.lines).toEqual(['equal x bytes'])
    await put(a, 'x', bytesOf(3 * MiB, 2))
    for (const [one, other] of [
      [a, unknown],
      [forgetful(a), unknown],
      [forgetful(a, 'md5'), unknown],
    ] as const)
      expect((await comparing(one, other)).result.totals).toMatchObject({ equal: 0, differing: 1 })
  })
})

test('an etag that only looks like a digest is no proof of a difference', async () => {
  const [disk, memory] = [await onDisk(), memoryStore()]
  await put(disk, 'x', 'content')
  await put(memory, 'x', 'content')
  const etag = '"0123456789abcdef0123456789abcdef"'
  const encrypted = storeWith(memory, {
    async *list(...given) {
      for await (const entry of memory.list(...given)) yield { ...entry, etag }
    },
    stat: async (...given) => ({ ...(await memory.stat(...given)), etag, md5: undefined }),
  })
  expect((await comparing(disk, encrypted)).lines).toEqual(['equal x crc64nvme'])
})

test('--download finds what the digests hide', async () => {
  const [a, b] = [memoryStore(), memoryStore()]
  for (const store of [a, b]) await fill(store, 'x', 'y')
  const damaged = damaging(b, 'y')
  expect((await comparing(a, damaged)).result.totals.equal).toBe(2)
  const { checked } = await comparing(a, damaged, { download: true })
  expect(checked).toMatchObject([
    { verdict: 'equal', name: 'x', by: 'bytes' },
    { verdict: 'differs', by: 'bytes', reason: 'the first byte that differs is at 0' },
  ])
})

describe('the audit', () => {
  test('tells what was expected, and what was found', async () => {
    const store = memoryStore()
    await fill(store, 'a', 'b', 'c')
    const { checked, result } = await auditing(damaging(store, 'b'))
    expect(checked.map(({ verdict, name }) => [verdict, name])).toEqual([
      ['intact', 'a'],
      ['damaged', 'b'],
      ['intact', 'c'],
    ])
    expect(result.findings).toMatchObject([{ verdict: 'damaged', by: 'crc64nvme' }])
    expect(result.findings[0]?.expected).toMatch(/^[0-9a-f]{16}$/)
    expect(result.findings[0]?.found).not.toBe(result.findings[0]?.expected)
  })

  test('by the best of what is recorded', async () => {
    const store = memoryStore()
    await fill(store, 'small')
    await put(store, 'large', bytesOf(2 * MiB))
    await putParts(store, 'parts', bytesOf(9 * MiB), 8 * MiB)
    await putParts(store, 'unusual', bytesOf(9 * MiB), 7 * MiB)
    expect((await auditing(store)).lines).toEqual([
      'intact large crc64nvme',
      'intact parts crc64nvme',
      'intact small crc64nvme',
      'intact unusual crc64nvme',
    ])
    const old = storeWith(forgetful(store), {
      stat: async (key, options) => {
        const info = await forgetful(store).stat(key, options)
        return { ...info, md5: info.md5?.includes('-') ? undefined : info.md5 }
      },
    })
    const { checked, result } = await auditing(old)
    expect(checked.map(({ verdict, name, by }) => `${verdict} ${name} ${by ?? '-'}`)).toEqual([
      'intact large md5',
      'intact parts etag',
      'intact small md5',
      'unproven unusual -',
    ])
    expect(result).toMatchObject({ totals: { unproven: 1 }, findings: [], failures: [] })
    const damaged = await auditing(damaging(old, 'large'))
    expect(damaged.lines[0]).toBe('damaged large md5')
  })

  test('of a disk, which records nothing, nothing is proven and nothing read', async () => {
    const disk = await onDisk()
    await fill(disk, 'a', 'b/c')
    const { lines, result } = await auditing(disk)
    expect(lines).toEqual(['unproven a -', 'unproven b/c -'])
    expect(result).toMatchObject({ totals: { unproven: 2 }, findings: [], failures: [] })
  })

  test('of one object, of a prefix, of nothing', async () => {
    const store = memoryStore()
    await fill(store, 'a/b', 'a/c', 'ab')
    expect((await auditing(store, 'a')).lines.length).toBe(2)
    expect((await auditing(store, 'ab')).lines).toEqual(['intact ab crc64nvme'])
    for (const prefix of ['x', 'x/']) await failure(auditing(store, prefix), 'not-found')
    expect((await auditing(memoryStore())).lines).toEqual([])
  })
})

test('an object is compared with another one, or with that of its name in a directory', async () => {
  const [a, b] = [memoryStore(), await onDisk()]
  await put(a, 'x/name', '1')
  await put(b, 'other', '1')
  await put(b, 'dir/name', '2')
  for (const [prefix, verdict] of [
    ['other', 'equal'],
    ['dir', 'differs'],
    ['dir/', 'differs'],
    ['', 'only-in-a'],
    ['none', 'only-in-a'],
  ] as const) {
    const { lines } = await told((options) => check(place(a, 'x/name'), place(b, prefix), options))
    expect(lines[0]?.split(' ').slice(0, 2)).toEqual([verdict, 'name'])
  }
})

test('what is missing: a source is an error, a target lacks everything', async () => {
  const [a, b] = [memoryStore(), localStore(join(await temporaryDirectory(), 'none'))]
  await fill(a, 'x/y')
  await failure(check(place(a, 'nope'), place(b)), 'not-found')
  await failure(check(place(b), place(a)), 'not-found')
  expect((await comparing(a, b)).lines).toEqual(['only-in-a x/y -'])
  const warned = new Events()
  await check(place(memoryStore()), place(memoryStore()), { onEvent: warned.sink })
  expect(warned.all).toContainEqual(expect.objectContaining({ type: 'warn' }))
})

test('links on one side are passed over, on both they are compared; directories are none of it', async () => {
  const [one, other] = [await temporaryDirectory(), await temporaryDirectory()]
  const [a, b, bucket] = [localStore(one), localStore(other), memoryStore()]
  await symlink('target', join(one, 'both'))
  await symlink('target', join(other, 'both'))
  await symlink('target', join(one, 'differs'))
  await symlink('TARGET', join(other, 'differs'))
  await symlink('target', join(one, 'kind'))
  await put(b, 'kind', 'target')
  await symlink('target', join(one, 'mine'))
  await symlink('target', join(other, 'yours'))
  await put(a, 'empty/', '')
  await put(bucket, 'marker/', '')
  await put(bucket, 'both', 'target', { attributes: { mode: 0o120777 } })
  await put(bucket, 'kind', 'target')
  await put(bucket, 'differs', 'longer than the link')
  expect((await comparing(a, b)).lines).toEqual([
    'equal both bytes',
    'differs differs bytes',
    'differs kind kind',
    'skipped mine -',
    'skipped yours -',
  ])
  expect((await comparing(a, bucket)).lines).toEqual([
    'equal both etag',
    'differs differs size',
    'differs kind kind',
    'skipped mine -',
  ])
  expect((await comparing(bucket, a)).checked).toContainEqual(
    expect.objectContaining({ name: 'kind', by: 'kind', expected: 'file', found: 'symlink' }),
  )
  expect((await auditing(a)).lines).toEqual([
    'skipped both -',
    'skipped differs -',
    'skipped kind -',
    'skipped mine -',
  ])
  expect((await comparing(bucket, memoryStore())).lines).toEqual([
    'only-in-a both -',
    'only-in-a differs -',
    'only-in-a kind -',
    'only-in-a marker/ -',
  ])
})

test('one that cannot be read stops no other, and one that changes is told as such', async () => {
  const [a, b] = [memoryStore(), memoryStore()]
  for (const key of ['a', 'b', 'c', 'd']) for (const store of [a, b]) await fill(store, key)
  const broken = storeWith(b, {
    async readInto(key, ...rest) {
      if (key === 'b') throw new Error('broken')
      if (key === 'c') await put(b, 'c', 'other')
      return b.readInto(key, ...rest)
    },
  })
  const { checked, result } = await comparing(a, broken, { download: true })
  expect(checked.map(({ verdict }) => verdict)).toEqual(['equal', 'error', 'error', 'equal'])
  expect(result.failures.map(({ code, key }) => [code, key])).toEqual([
    ['internal', 'b'],
    ['conflict', 'c'],
  ])
  expect(result.totals).toMatchObject({ equal: 2, failed: 2 })
})

test('whatever fails, nothing is told wrong', async () => {
  const [a, b] = [memoryStore(), memoryStore()]
  for (let i = 0; i < 30; i++) {
    await put(a, `n${i}`, bytesOf(i * 50, i + 1))
    await put(b, `n${i}`, bytesOf(i * 50, i % 3 === 0 ? 99 : i + 1))
  }
  const rates = { unavailable: 0.2, truncate: 0.1 }
  const faults = { seed: 3, rates, only: ['stat', 'readInto'] } as const
  const { checked } = await comparing(a, faulty(b, faults), { download: true })
  expect(checked.length).toBe(30)
  for (const { verdict, name } of checked) {
    const isSame = name === 'n0' || Number(name.slice(1)) % 3 !== 0
    expect([isSame ? 'equal' : 'differs', 'error']).toContain(verdict)
  }
})

test('an interruption is one error, and soon', async () => {
  const store = memoryStore()
  for (let i = 0; i < 200; i++) await fill(store, `n${i}`)
  const controller = new AbortController()
  let seen = 0
  const run = checkRecorded(place(store), {
    signal: controller.signal,
    jobs: 2,
    onEvent: ({ type }) => {
      if (type !== 'checked') return
      seen++
      controller.abort(new Error('any reason'))
    },
  })
  await failure(run, 'interrupted')
  expect(seen).toBeLessThan(150)
})

test('what filters leave out is not looked at', async () => {
  const [a, b] = [memoryStore(), memoryStore()]
  await fill(a, 'keep', 'leave')
  await fill(b, 'leave-too')
  expect((await comparing(a, b, { rules: ['- leave*'] })).lines).toEqual(['only-in-a keep -'])
})
