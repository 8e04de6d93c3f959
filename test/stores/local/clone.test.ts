// Uploads that begin with what another file has: equal in all but what is written, where blocks can be shared.
import { chmod, lstat, readdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { mkdtempSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attributes } from '../../../src/core/attributes.ts'
import type {
  BeginOptions,
  CopySource,
  Multipart,
  PartReceipt,
  Store,
  Upload,
} from '../../../src/core/store.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import {
  bytesOf,
  collect,
  expectSame,
  failure,
  get,
  getText,
  key,
  MiB,
  put,
} from '../../conformance/tools.ts'
import { testDirectory } from './directory.ts'
import { sharedBlocks } from './shared-blocks.ts'

const disk = sharedBlocks()
const old = bytesOf(8 * MiB, 1)

class Bench {
  readonly directory: string
  readonly store: Store
  readonly multipart: Multipart

  constructor(directory: string = mkdtempSync(join(disk.directory, 'test-'))) {
    this.directory = directory
    this.store = localStore(directory)
    if (!this.store.multipart) throw new Error('no multipart')
    this.multipart = this.store.multipart
  }

  async source(bytes: Uint8Array = old, attributes: Attributes = {}): Promise<CopySource> {
    const { etag } = await put(this.store, 'object', bytes, { attributes })
    return { location: this.store.location, key: key('object'), etag }
  }

  async begin(basis: CopySource, options: BeginOptions = {}): Promise<Upload> {
    return this.multipart.begin(key('object'), { ...options, basis })
  }

  async copy(
    upload: Upload,
    number: number,
    from: CopySource,
    offset: number,
    size: number,
    start: number = offset,
  ): Promise<PartReceipt> {
    if (!this.multipart.copyPart) throw new Error('no copyPart')
    const range = { start, end: start + size }
    return this.multipart.copyPart(upload, { number, offset }, from, range)
  }

  partPath({ id }: Upload): string {
    return join(this.directory, `.hawser-${id}.part`)
  }
}

test('what a part has at its place is neither written nor stored again', async () => {
  const bench = new Bench()
  const from = await bench.source()
  const before = disk.used()
  const upload = await bench.begin(from)
  const middle = bytesOf(10_000, 2)
  const receipts = [
    await bench.copy(upload, 1, from, 0, 4_000_001),
    await bench.multipart.part(upload, { number: 2, offset: 4_000_001 }, middle),
    await bench.copy(upload, 3, from, 4_010_001, old.length - 4_010_001),
  ]
  const expected = Buffer.from(old)
  expected.set(middle, 4_000_001)
  expect(receipts.map((receipt) => receipt.crc64nvme)).toEqual([
    crc64nvme(expected.subarray(0, 4_000_001)),
    crc64nvme(middle),
    crc64nvme(expected.subarray(4_010_001)),
  ])
  const copy = await bench.store.copy?.copy(from, key('other'))
  expect(copy?.size).toBe(old.length)
  await bench.multipart.complete(upload, receipts, { size: old.length })
  if (disk.shares) expect(disk.used() - before).toBeLessThan(MiB)
  expectSame(await get(bench.store, 'object'), expected)
  expectSame(await get(bench.store, 'other'), old)
})

/** A part that is the basis's own, moved from elsewhere in it, or new. */
const piece = fc.record({
  size: fc.integer({ min: 1, max: 20_000 }),
  kind: fc.constantFrom('held', 'moved', 'new'),
  spoiled: fc.boolean(),
  seed: fc.nat(1_000),
})

test('any parts in any order, some of them begun before, end in their own bytes', async () => {
  const bench = new Bench()
  const base = bytesOf(60_000, 3)
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
      const from = await bench.source(base)
      const upload = await bench.begin(from)
      let end = 0
      const parts = pieces.map((each, i) => {
        const offset = end
        end += each.size
        const kind = end > base.length ? 'new' : each.kind
        const start = kind === 'moved' ? base.length - each.size : offset
        const bytes =
          kind === 'new' ? bytesOf(each.size, each.seed) : base.subarray(start, start + each.size)
        return { ...each, number: i + 1, offset, kind, start, bytes }
      })
      const receipts: PartReceipt[] = []
      for (const { number, offset, size, kind, start, bytes, spoiled } of parts.toReversed()) {
        if (spoiled) await bench.multipart.part(upload, { number, offset }, bytesOf(size, 9))
        // Each by a store of its own, as after the end of a process.
        const later = new Bench(bench.directory)
        receipts.push(
          kind === 'new'
            ? await later.multipart.part(upload, { number, offset }, bytes)
            : await later.copy(upload, number, from, offset, size, start),
        )
      }
      expect(await collect(bench.multipart.parts(upload))).toEqual(receipts.toReversed())
      await bench.multipart.complete(upload, receipts, { size: end })
      expectSame(await get(bench.store, 'object'), Buffer.concat(parts.map(({ bytes }) => bytes)))
      expect(await readdir(bench.directory)).toEqual(['object'])
    }),
    { numRuns: 60 },
  )
})

test('what nobody recorded is nothing, whatever the file begins with', async () => {
  const bench = new Bench()
  const from = await bench.source(bytesOf(100_000))
  const upload = await bench.begin(from)
  expect(await collect(bench.multipart.parts(upload))).toEqual([])
  const claimed = { number: 1, size: 100_000, etag: undefined, crc64nvme: undefined }
  await failure(bench.multipart.complete(upload, [claimed], { size: 100_000 }), 'integrity')
  // Nor is what lies behind the last part.
  const receipt = await bench.copy(upload, 1, from, 0, 10)
  await bench.multipart.complete(upload, [receipt], { size: 10 })
  expectSame(await get(bench.store, 'object'), bytesOf(100_000).subarray(0, 10))
})

test('what a part left that broke off is written over', async () => {
  const bench = new Bench()
  const from = await bench.source()
  const upload = await bench.begin(from)
  const broken = {
    size: MiB,
    async *open(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(700_000, 'x')
      throw new Error('the source broke')
    },
  }
  const part = bench.multipart.part(upload, { number: 2, offset: 1_000 }, broken)
  await expect(part).rejects.toThrow('the source broke')
  const receipt = await bench.copy(upload, 1, from, 0, old.length)
  expect(receipt.crc64nvme).toBe(crc64nvme(old))
  await bench.multipart.complete(upload, [receipt], { size: old.length })
  expectSame(await get(bench.store, 'object'), old)
})

test('holes are bytes like any others', async () => {
  const bench = new Bench()
  await writeFile(join(bench.directory, 'object'), 'begin')
  await truncate(join(bench.directory, 'object'), 3 * MiB)
  const { etag } = await bench.store.stat(key('object'))
  const from = { location: bench.store.location, key: key('object'), etag }
  const upload = await bench.begin(from)
  const receipt = await bench.copy(upload, 1, from, 0, 3 * MiB)
  await bench.multipart.complete(upload, [receipt], { size: 3 * MiB })
  expectSame(
    await get(bench.store, 'object'),
    Buffer.concat([Buffer.from('begin'), Buffer.alloc(3 * MiB - 5)]),
  )
})

test('a basis that is not the one that was meant gives nothing', async () => {
  const bench = new Bench()
  const from = await bench.source(Buffer.from('secret!'))
  await put(bench.store, 'target', 'secret')
  await symlink('target', join(bench.directory, 'link'))
  await symlink('.', join(bench.directory, 'directory'))
  const elsewhere = new Bench(await testDirectory())
  for (const basis of [
    { ...from, etag: 'another' },
    { ...from, key: key('absent') },
    { ...from, key: key('link'), etag: undefined },
    { ...from, key: key('directory/target'), etag: undefined },
    { ...from, location: { ...from.location, scheme: 's3' as const } },
    await elsewhere.source(),
  ]) {
    const upload = await bench.begin(basis)
    expect((await lstat(bench.partPath(upload))).size).toBe(0)
    const receipt = await bench.multipart.part(upload, { number: 1, offset: 0 }, Buffer.from('new'))
    await bench.multipart.complete(upload, [receipt], { size: 3 })
    expect(await getText(bench.store, 'object')).toBe('new')
    await put(bench.store, 'object', 'secret!')
  }
  const pinned = await bench.source()
  const upload = await bench.begin(pinned)
  await put(bench.store, 'object', 'replaced')
  await failure(bench.copy(upload, 1, pinned, 0, 10), 'precondition-failed')
  await bench.multipart.abort(upload)
  expect(await getText(bench.store, 'object')).toBe('replaced')
})

test('permissions, times and owners are those of a new file', async () => {
  const bench = new Bench()
  for (const mode of [0o644, 0o600, 0o444, 0o666, 0o4755, 0o2755]) {
    for (const wanted of [undefined, 0o100600, 0o100644, 0o104755]) {
      await bench.source(Buffer.from('content'), { mtime: 1_000_000_000_000_000_000n })
      await chmod(join(bench.directory, 'object'), mode)
      const { etag } = await bench.store.stat(key('object'))
      const from = { location: bench.store.location, key: key('object'), etag }
      const attributes = wanted === undefined ? {} : { mode: wanted }
      const plain = await bench.multipart.begin(key('object'), { attributes })
      const upload = await bench.begin(from, { attributes })
      const made = statSync(bench.partPath(upload))
      expect(made.mode.toString(8)).toBe(statSync(bench.partPath(plain)).mode.toString(8))
      await bench.multipart.abort(plain)
      const receipt = await bench.copy(upload, 1, from, 0, 7)
      const { attributes: given } = await bench.multipart.complete(upload, [receipt], { size: 7 })
      expect(given.mode).toBe(
        wanted === 0o104755 ? 0o100755 : (wanted ?? 0o100000 | (mode & 0o777)),
      )
      expect(given.mtime).toBeGreaterThan(1_000_000_000_000_000_000n)
    }
  }
})

test('extended attributes of the basis stay with it', async () => {
  const bench = new Bench()
  const from = await bench.source(old, { xattrs: { note: Buffer.from('old') } })
  const upload = await bench.begin(from)
  const receipt = await bench.copy(upload, 1, from, 0, old.length)
  await bench.multipart.complete(upload, [receipt], { size: old.length })
  const { attributes } = await bench.store.stat(key('object'), { xattrs: true })
  expect(attributes.xattrs).toEqual({})
})
