// The pages of large directories follow each other without reading the directory again, unless it changed.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { toKey } from '../../../../src/core/key.ts'
import type { Store } from '../../../../src/core/store.ts'
import type { VaultContext } from '../../../../src/serve/vault/context.ts'
import { listObjects } from '../../../../src/serve/vault/listing/objects.ts'
import { listVersions } from '../../../../src/serve/vault/listing/versions.ts'
import { remove } from '../../../../src/serve/vault/remove.ts'
import type { ListPage } from '../../../../src/serve/vault/types.ts'
import { put } from '../../../../src/serve/vault/write.ts'
import { localStore } from '../../../../src/stores/local/store.ts'
import {
  bodyOf,
  bucketOf,
  call,
  factsOf,
  md5,
  mortal,
  openContext,
  temporaryDirectory,
} from '../tools.ts'

const bucket = bucketOf()
const query = { prefix: '', delimiter: '', after: '', limit: 4, signal: call.signal }

interface Shelf {
  readonly context: VaultContext
  readonly directory: string
  /** How often the Store was asked for a listing. */
  readonly lists: () => number
}

/** Ten files, whose directories have not changed for long enough. */
async function shelf(): Promise<Shelf> {
  const root = await temporaryDirectory()
  const directory = join(root, 'bucket')
  const store = localStore(root)
  let lists = 0
  const counting: Store = {
    ...store,
    list(prefix, options) {
      lists++
      return store.list(prefix, options)
    },
  }
  await mkdir(join(directory, 'sub'), { recursive: true })
  for (const name of '012345678') await writeFile(join(directory, name), name)
  await writeFile(join(directory, 'sub/9'), '9')
  for (const name of ['bucket/', 'bucket/sub/']) await vi.waitFor(() => isOld(store, name))
  return { context: await openContext(counting, root), directory, lists: () => lists }
}

async function isOld(store: Store, directory: string): Promise<void> {
  const { file } = await store.stat(toKey(directory))
  expect(Date.now() - Number((file?.ctime ?? 0n) / 1_000_000n)).toBeGreaterThan(200)
}

function names(page: ListPage): string {
  return page.objects.map(({ key }) => key).join(' ')
}

test('a directory is read once for all pages', async () => {
  const { context, lists } = await shelf()
  const seen: string[] = []
  let after: string | undefined = ''
  while (after !== undefined) {
    const page: ListPage = await listObjects(context, bucket, { ...query, after })
    seen.push(names(page))
    after = page.next
  }
  expect(seen).toEqual(['0 1 2 3', '4 5 6 7', '8 sub/9'])
  expect(lists()).toBe(1)
})

test('a page can be asked for twice', async () => {
  const { context } = await shelf()
  const { next = '' } = await listObjects(context, bucket, query)
  const first = await listObjects(context, bucket, { ...query, after: next })
  const second = await listObjects(context, bucket, { ...query, after: next })
  expect(second).toEqual(first)
})

test('what comes and goes between two pages is seen', async () => {
  const { context, directory, lists } = await shelf()
  await listObjects(context, bucket, query)
  await put(context, bucket, '33', bodyOf('served'), factsOf('text/plain'), call)
  await writeFile(join(directory, '7a'), 'by hand')
  await rm(join(directory, '5'))
  const page = await listObjects(context, bucket, { ...query, after: '3', limit: 5 })
  expect(names(page)).toBe('33 4 6 7 7a')
  expect(lists()).toBe(2)
})

test('versions go on within a key, also when the version to follow is gone', async () => {
  const { context } = await shelf()
  const versioned = bucketOf('enabled')
  for (const text of ['a', 'b', 'c'])
    await put(context, versioned, '0', bodyOf(text), factsOf('text/plain'), call)
  const first = await listVersions(context, versioned, {
    ...query,
    limit: 2,
    afterVersion: undefined,
  })
  expect(first.versions.map(({ key, latest }) => [key, latest])).toEqual([
    ['0', true],
    ['0', false],
  ])
  expect(first.next).toEqual({ key: '0', version: first.versions[1]?.version })
  const second = await listVersions(context, versioned, {
    ...query,
    limit: 3,
    after: '0',
    afterVersion: first.next?.version,
  })
  expect(second.versions.map(({ key, version }) => [key, version.length])).toEqual([
    ['0', 32],
    ['0', 4],
    ['1', 4],
  ])
  const gone = await listVersions(context, versioned, {
    ...query,
    after: '0',
    afterVersion: 'gone',
  })
  expect(gone.versions.map(({ key }) => key)).toEqual(['0', '0', '0', '0'])
})

test('a row that was written for a file that never came is no object', async () => {
  const { context } = await shelf()
  const dying = mortal(context, 2, 'before')
  const killed = put(dying.context, bucket, 'new/x', bodyOf('x'), factsOf('text/plain'), call)
  await expect(killed).rejects.toThrow()
  const page = await listObjects(context, bucket, { ...query, delimiter: '/', limit: 100 })
  expect(page.prefixes).toEqual(['sub/'])
})

test('objects that are removed and replaced after the Store has listed them', async () => {
  const { context } = await shelf()
  for (const key of ['served', 'replaced'])
    await put(context, bucket, key, bodyOf('old'), factsOf('text/plain'), call)
  const { store } = context
  const late: Store = {
    ...store,
    async *list(prefix, options) {
      const entries = await Array.fromAsync(store.list(prefix, options))
      await remove(context, bucket, 'served', undefined, call)
      await put(context, bucket, 'replaced', bodyOf('new'), factsOf('text/plain'), call)
      yield* entries
    },
  }
  const asked = { ...query, prefix: '', after: '9', limit: 10 }
  const { objects } = await listObjects({ ...context, store: late }, bucket, asked)
  expect(objects.map(({ key, record }) => [key, record.etag])).toEqual([
    ['replaced', md5('new')],
    ['sub/9', expect.stringMatching(/-0$/)],
  ])
})

test('a store that lists in no order is refused', async () => {
  const { context } = await shelf()
  const { traits } = context.store
  const store = { ...context.store, traits: { ...traits, order: 'none' as const } }
  await expect(listObjects({ ...context, store }, bucket, query)).rejects.toMatchObject({
    code: 'NotImplemented',
  })
})
