// The vault as a whole: what is called at the same time, and one after the other.
import { mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Vault } from '../../../src/serve/vault/types.ts'
import { openVault } from '../../../src/serve/vault/vault.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { bodyOf, call, factsOf, temporaryDirectory } from './tools.ts'
import { body, MiB5, plainUpload, randomBytes, slowBody } from './uploads/tools.ts'

const facts = factsOf('text/plain')

async function vaultIn(directory: string): Promise<Vault> {
  const ledger = join(directory, '.hawser/s3')
  const vault = await openVault(localStore(directory), { ledger, owner: 'me', now: Date.now })
  onTestFinished(() => vault[Symbol.asyncDispose]())
  return vault
}

async function withBucket() {
  const directory = await temporaryDirectory()
  const vault = await vaultIn(directory)
  await vault.buckets.create('bucket', 'me', call)
  return { directory, vault, bucket: await vault.buckets.get('bucket', call) }
}

/** Files of the hidden place, but the ledger's. */
async function hidden(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, '.hawser/s3'), {
    recursive: true,
    withFileTypes: true,
  })
  return entries
    .filter((entry) => entry.isFile() && !/ledger|locks/.test(join(entry.parentPath, entry.name)))
    .map(({ name }) => name)
}

test.each(['key', 'odd//key'])('a bucket is not removed while %s is put into it', async (key) => {
  const { vault, bucket } = await withBucket()
  const slow = slowBody(randomBytes(10))
  const putting = vault.put(bucket, key, slow.body, facts, call)
  await slow.begun
  await expect(vault.buckets.remove(bucket, call)).rejects.toMatchObject({
    code: 'OperationAborted',
  })
  slow.goOn()
  const version = await putting
  expect(await vault.find(bucket, key, undefined, call)).toEqual(version)
  await expect(vault.buckets.remove(bucket, call)).rejects.toMatchObject({ code: 'BucketNotEmpty' })
})

test('nothing is put into a bucket that was removed', async () => {
  const { vault, bucket, directory } = await withBucket()
  const removing = vault.buckets.remove(bucket, call)
  const putting = vault.put(bucket, 'key', bodyOf('x'), facts, call)
  const uploading = vault.uploads.begin(bucket, 'key', plainUpload, call)
  await Promise.all([
    removing,
    expect(putting).rejects.toMatchObject({ code: 'NoSuchBucket' }),
    expect(uploading).rejects.toMatchObject({ code: 'NoSuchBucket' }),
  ])
  expect(await readdir(directory)).toEqual(['.hawser'])
  expect(await Array.fromAsync(vault.buckets.list(call))).toEqual([])
})

test('with a bucket go the parts of its uploads', async () => {
  const { vault, bucket, directory } = await withBucket()
  for (const key of ['one', 'odd//two']) {
    const upload = await vault.uploads.begin(bucket, key, plainUpload, call)
    for (const size of [MiB5, MiB5 + 1])
      await vault.uploads.part(bucket, upload, 1, body(randomBytes(size)), call)
  }
  expect(await hidden(directory)).not.toEqual([])
  await vault.buckets.remove(bucket, call)
  expect(await hidden(directory)).toEqual([])
})

test('a bucket goes with what a killed write left in it', async () => {
  const { vault, bucket, directory } = await withBucket()
  await mkdir(join(directory, 'bucket/dir'))
  await writeFile(join(directory, 'bucket/dir/.hawser-0123456789abcdef.part'), 'not whole')
  await vault.buckets.remove(bucket, call)
  expect(await readdir(directory)).toEqual(['.hawser'])
})

test('what killed writes left goes with time, and nothing else does', async () => {
  const { vault, bucket, directory } = await withBucket()
  const begun = await vault.uploads.begin(bucket, 'upload', plainUpload, call)
  await vault.uploads.part(bucket, begun, 1, body(randomBytes(MiB5)), call)
  await vault.put(bucket, 'odd//key', bodyOf('x'), facts, call)
  await vault[Symbol.asyncDispose]()
  const names = ['0', '1', '2'].map((digit) => `.hawser-${digit.repeat(16)}.part`)
  const [left = '', current = '', continued = ''] = names
  for (const name of names) await writeFile(join(directory, 'bucket', name), 'not whole')
  await writeFile(join(directory, 'bucket', `${continued}s`), '{"key":"bucket/other"}\n')
  const old = new Date(Date.now() - 2 * 86_400_000)
  const files = [left, continued, `${continued}s`]
  for (const name of files) await utimes(join(directory, 'bucket', name), old, old)
  const before = await hidden(directory)
  await using again = await vaultIn(directory)
  await vi.waitFor(async () =>
    expect((await readdir(join(directory, 'bucket'))).toSorted()).toEqual(
      [current, continued, `${continued}s`].toSorted(),
    ),
  )
  expect(await hidden(directory)).toEqual(before)
  expect(await again.uploads.parts(begun, 0, 10)).toHaveLength(1)
})

test('without its ledger the files are served, and what is hidden stays as it is', async () => {
  const { vault, bucket, directory } = await withBucket()
  await vault.put(bucket, 'key', bodyOf('plain'), facts, call)
  await vault.put(bucket, 'odd//key', bodyOf('hidden'), facts, call)
  const before = await hidden(directory)
  await vault[Symbol.asyncDispose]()
  await rm(join(directory, '.hawser/s3/ledger.sqlite'))
  await using again = await vaultIn(directory)
  const { objects } = await again.list(await again.buckets.get('bucket', call), {
    prefix: '',
    delimiter: '',
    after: '',
    limit: 10,
    signal: call.signal,
  })
  expect(objects.map(({ key, size }) => [key, size])).toEqual([['key', 5]])
  await again[Symbol.asyncDispose]()
  expect(await hidden(directory)).toEqual(before)
})

test('nothing is answered that a ledger which was moved away would forget', async () => {
  const { vault, bucket, directory } = await withBucket()
  await vault.put(bucket, 'key', bodyOf('one'), facts, call)
  const [hiddenPlace, away] = [join(directory, '.hawser'), join(directory, 'away')]
  await rename(hiddenPlace, away)
  await expect(vault.put(bucket, 'key', bodyOf('two'), facts, call)).rejects.toThrow(
    'not where it was',
  )
  await rename(away, hiddenPlace)
  const version = await vault.put(bucket, 'key', bodyOf('three'), facts, call)
  expect(await vault.find(bucket, 'key', undefined, call)).toEqual(version)
})

test('of two on one directory the second is refused', async () => {
  const { directory } = await withBucket()
  await expect(vaultIn(directory)).rejects.toMatchObject({ code: 'conflict' })
})
