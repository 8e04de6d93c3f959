import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import { toKey as keyOf } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { parseSignature } from '../../../src/delta/signature/format.ts'
import { serveS3 } from '../../../src/serve/server.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { bytesOf, get, keys, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3, type S3Endpoint } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { storeWith } from '../../transfer/tools.ts'
import { commandIn, records, type Result } from './tools.ts'

const old = bytesOf(12 * MiB + 345, 1)
const changed = Buffer.concat([Buffer.from('x'), old])
const sidecar = 'bucket/.hawser/sig/model.bin'
const delta = ['--delta-threshold', '1K', '--block-size', '64K']

type Hawser = (...argv: string[]) => Promise<Result>

interface Service {
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The command with a state of its own, as another machine has it; files of the directory begin with `@/`. */
async function machine(service: Service): Promise<Hawser> {
  const { hawser } = await commandIn({ 'model.bin': old, 'changed.bin': changed, small: 'x' })
  const environment = {
    AWS_ACCESS_KEY_ID: service.accessKeyId,
    AWS_SECRET_ACCESS_KEY: service.secretAccessKey,
    AWS_REGION: service.region,
    AWS_ENDPOINT_URL: service.url,
  }
  return (...argv) => hawser(argv, { environment })
}

/** Bytes that a run with `--json` sent, with all that belongs to it. */
function sentBy({ out }: Result): number {
  return Number(/"sent":(\d+),"received"/.exec(out)?.[1])
}

describeS3('signatures', (endpoint: S3Endpoint) => {
  let bucket: Store
  let url: string
  beforeAll(async () => {
    bucket = await openBucket(endpoint)
    url = `s3://${bucket.location.root}`
  })
  afterAll(async () => {
    await bucket[Symbol.asyncDispose]()
  })

  test('what an upload keeps is what the file has, here and on another machine', async () => {
    const hawser = await machine(endpoint)
    await hawser('cp', ...delta, '@/model.bin', `${url}/model.bin`)
    const ofFile = records(await hawser('signature', ...delta.slice(2), '--json', '@/model.bin'))
    const here = records(await hawser('signature', '--json', `${url}/model.bin`))
    const there = await machine(endpoint)
    const beside = records(await there('signature', '--json', `${url}/model.bin`))
    const again = records(await there('signature', '--json', `${url}/model.bin`))
    const { etag } = await bucket.stat(keyOf('model.bin'))
    expect(ofFile[0]).toMatchObject({ from: 'bytes', size: old.length, average: 65_536 })
    const kept = { ...record(ofFile[0]), etag, address: `${url}/model.bin`, fresh: true }
    const facts = { ...kept, stored: expect.any(Number), version: record(here[0])['version'] }
    expect(here).toEqual([{ ...facts, from: 'machine' }])
    expect(beside).toEqual([{ ...facts, from: 'store' }])
    expect(again).toEqual([{ ...facts, from: 'machine' }])
  })

  test('made of what another program wrote, the next upload sends little', async () => {
    const hawser = await machine(endpoint)
    await put(bucket, 'foreign.bin', old)
    const none = await hawser('signature', `${url}/foreign.bin`)
    expect(none).toMatchObject({ code: 4, out: '' })
    expect(none.err).toContain(`hawser signature --make ${url}/foreign.bin`)
    const made = await hawser('signature', '--make', '--block-size', '64', `${url}/foreign.bin`)
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/^state +fresh$/m)
    const other = await machine(endpoint)
    const over = ['cp', '--json', ...delta, '@/changed.bin', `${url}/foreign.bin`]
    expect(sentBy(await other(...over))).toBeLessThan(6 * MiB)
    expect(Buffer.compare(await get(bucket, 'foreign.bin'), changed)).toBe(0)
  })

  test('of what was replaced it is stale', async () => {
    const hawser = await machine(endpoint)
    await hawser('cp', ...delta, '@/model.bin', `${url}/stale.bin`)
    await put(bucket, 'stale.bin', 'other')
    const { code, out } = await hawser('signature', `${url}/stale.bin`)
    expect(code).toBe(0)
    expect(out).toMatch(/^state +stale/m)
    expect(out).toMatch(/^size +12\.0 MiB/m)
    const { err } = await hawser('cp', ...delta, '@/model.bin', `${url}/stale.bin`)
    expect(err).not.toContain('warning')
    expect(await hawser('signature', `${url}/stale.bin`)).toMatchObject({
      out: expect.stringMatching(/^state +fresh$/m),
    })
  })
})

/** A server over memory; what is below `bucket/` in it is the bucket. */
async function served(change: (memory: Store) => Partial<Store> = () => ({})): Promise<{
  readonly memory: Store
  readonly hawser: Hawser
}> {
  const memory = memoryStore()
  const ledger = await mkdtemp(join(tmpdir(), 'hawser-signature-'))
  const server = await serveS3(storeWith(memory, change(memory)), { ledger })
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    await rm(ledger, { recursive: true })
  })
  const [user] = server.credentials
  if (!user) throw new Error('nobody may use the server')
  const service = {
    url: server.url,
    region: 'us-east-1',
    accessKeyId: user.accessKeyId,
    secretAccessKey: user.secretAccessKey.reveal(),
  }
  const hawser = await machine(service)
  expect(await hawser('mb', 's3://bucket')).toMatchObject({ code: 0 })
  return { memory, hawser }
}

const upload = ['cp', ...delta, '@/model.bin', 's3://bucket/']
/** By another machine, of what has changed in the middle. */
const over = ['cp', ...delta, '--state-dir', '@/other-state', '--json'].concat([
  '@/changed.bin',
  's3://bucket/model.bin',
])

describe('what lies beside an object', () => {
  test('is where it was said', async () => {
    const { memory, hawser } = await served()
    await hawser('cp', ...delta, '--sidecar-prefix', 'kept', '@/model.bin', 's3://bucket/a')
    await hawser('cp', ...delta, '--no-sidecar', '@/model.bin', 's3://bucket/b')
    await hawser('signature', '--make', '--sidecar-prefix', 'made/', 's3://bucket/b')
    expect(await keys(memory, 'bucket/')).toEqual(['a', 'b', 'kept/sig/a', 'made/sig/b'])
  })

  test('may not be written: one warning, and this machine has it', async () => {
    const { memory, hawser } = await served((inner) => ({
      async write(key, body, call) {
        if (key.startsWith('bucket/.hawser/'))
          throw new HawserError('permission-denied', 'no', { op: 'write', key })
        return inner.write(key, body, call)
      },
    }))
    const targets = ['@/model.bin', '@/changed.bin', 's3://bucket/']
    const { code, err } = await hawser('cp', ...delta, ...targets)
    expect(code).toBe(0)
    expect(warnings(err)).toEqual([expect.stringContaining('kept on this machine only')])
    expect(await keys(memory, 'bucket/.hawser/')).toEqual([])
    const kept = await hawser('signature', 's3://bucket/model.bin', 's3://bucket/changed.bin')
    expect(kept.out.match(/^signature +kept on this machine/gm)).toHaveLength(2)
  })

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['of another program', () => Buffer.from('<html>not found</html>')],
    ['of a later version', (bytes: Uint8Array) => Buffer.from(bytes).fill(2, 8, 10)],
    ['empty', () => new Uint8Array()],
    ['too large', () => new Uint8Array(24 * MiB + 1)],
  ])('is %s: one warning, sent whole, and right from then on', async (_, damage) => {
    const { memory, hawser } = await served()
    await hawser(...upload)
    await put(memory, sidecar, damage(await get(memory, sidecar)))
    const whole = await hawser(...over)
    expect(whole).toMatchObject({ code: 0 })
    const warned = records(whole).filter((event) => record(event)['type'] === 'warn')
    expect(warned).toEqual([{ type: 'warn', message: expect.stringContaining('model.bin') }])
    expect(sentBy(whole)).toBeGreaterThan(old.length)
    const next = await hawser(...over)
    expect(sentBy(next)).toBeLessThan(MiB)
    expect(next.out).not.toContain('"warn"')
  })

  test('is gone, or another machine replaced the object: sent whole, without a word', async () => {
    const { memory, hawser } = await served()
    await hawser(...upload)
    await remove(memory, sidecar)
    const first = await hawser(...over)
    expect(sentBy(first)).toBeGreaterThan(old.length)
    const other = await hawser('cp', '--no-delta', '@/model.bin', 's3://bucket/model.bin')
    expect(other).toMatchObject({ code: 0 })
    const second = await hawser(...over)
    expect(sentBy(second)).toBeGreaterThan(old.length)
    expect(first.out + second.out).not.toContain('"warn"')
  })

  test('may not be read: as if there were none', async () => {
    const { memory, hawser } = await served((inner) => ({
      async read(key, call) {
        if (key.startsWith('bucket/.hawser/'))
          throw new HawserError('permission-denied', 'no', { op: 'read', key })
        return inner.read(key, call)
      },
    }))
    await hawser(...upload)
    const result = await hawser(...over)
    expect(result.out).not.toContain('"warn"')
    expect(sentBy(result)).toBeGreaterThan(old.length)
    expect(await keys(memory, 'bucket/.hawser/')).toHaveLength(1)
  })
})

function warnings(err: string): string[] {
  return err.split('\n').filter((line) => line.includes('warning'))
}

test('each chunk, for people and for programs', async () => {
  const { hawser } = await commandIn({ 'model.bin': old, empty: '' })
  const small = ['--block-size', '64K', '--chunks', '@/model.bin']
  const [first, ...chunks] = records(await hawser(['signature', '--json', ...small])).map(record)
  const sizes = chunks.map(({ size }) => Number(size))
  expect(first).toMatchObject({ type: 'signature', chunks: chunks.length, fresh: true })
  expect(sizes.reduce((sum, size) => sum + size)).toBe(old.length)
  expect(chunks.length).toBeGreaterThan(50)
  expect(classesOf(sizes)).toEqual(first?.['sizes'])
  const { out } = await hawser(['signature', ...small])
  const [facts, lines] = [
    out.split('\n').slice(0, 8),
    out.trimEnd().split('\n').slice(-sizes.length),
  ]
  expect(facts[1]).toMatch(/^signature +made now, \d/)
  expect(lines.map((line) => line.trim().split(/ +/))).toEqual(
    chunks.map(({ offset, size, blake3 }) => [String(offset), String(size), blake3]),
  )
  expect((await hawser(['signature', '@/empty'])).out).toMatch(/^chunks +0$/m)
})

function classesOf(sizes: readonly number[]): unknown[] {
  const limits = [16, 32, 64, 128, 256].map((limit) => limit * 1024)
  return limits
    .map((upTo, i) => ({
      upTo,
      chunks: sizes.filter((size) => size <= upTo && size > (limits[i - 1] ?? 0)).length,
    }))
    .filter(({ chunks }) => chunks > 0)
}

test('the binary format, to a file and to a pipe', async () => {
  const { root, hawser } = await commandIn({ 'model.bin': old })
  const { code, out } = await hawser(['signature', '-o', '@/model.sig', '@/model.bin'])
  expect(code).toBe(0)
  expect(out).toMatch(/^size +12\.0 MiB/m)
  const written = await readFile(join(root, 'model.sig'))
  expect(parseSignature(written)).toMatchObject({ size: old.length, average: MiB })
  // As text, since that is how the test sees standard output.
  expect((await hawser(['signature', '-o', '-', '@/model.bin'])).out).toBe(written.toString())
})

test('what it is not for', async () => {
  const { hawser } = await commandIn({ a: 'x', b: 'y' })
  const refused = async (...argv: string[]): Promise<string> => {
    const { code, err } = await hawser(['signature', ...argv])
    expect(code).toBe(2)
    return err
  }
  expect(await refused('@/')).toContain('takes an object')
  expect(await refused('-o', '@/x', '@/a', '@/b')).toContain('of one object')
  expect(await refused('--make', '@/a')).toContain('no signatures are kept for files')
})

test('of several, one that fails stops no other', async () => {
  const { hawser } = await served()
  await hawser(...upload)
  await hawser('cp', '@/small', 's3://bucket/small')
  const { code, out, err } = await hawser('signature', 's3://bucket/small', 's3://bucket/m*')
  expect(code).toBe(4)
  expect(out).toMatch(/^address +s3:\/\/bucket\/model\.bin$/m)
  expect(err).toContain('s3://bucket/small')
})

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('no object')
  return { ...value }
}
