// When the Store fails in the middle of a publication.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/core/store.ts'
import type { VaultContext } from '../../../src/serve/vault/context.ts'
import { open } from '../../../src/serve/vault/read.ts'
import { copy, put } from '../../../src/serve/vault/write.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import {
  bodyOf,
  bucketOf,
  call,
  contentOf,
  factsOf,
  md5,
  openContext,
  temporaryDirectory,
} from './tools.ts'

const bucket = bucketOf()

/** With a store some of whose methods are others. */
async function contextWith(
  change: (store: Store) => Partial<Store>,
): Promise<Record<'real' | 'changed', VaultContext>> {
  const directory = await temporaryDirectory()
  const real = await openContext(localStore(join(directory, 'data')), directory)
  return { real, changed: { ...real, store: { ...real.store, ...change(real.store) } } }
}

function save(context: VaultContext, text: string, key = 'key'): Promise<unknown> {
  return put(context, bucket, key, bodyOf(text), factsOf(`text/${text}`), call)
}

test('bytes that are there although the store has failed keep what was said of them', async () => {
  const { real, changed } = await contextWith((store) => ({
    async write(...args) {
      await store.write(...args)
      throw new HawserError('local-io', 'the disk reports an error', { op: 'write' })
    },
  }))
  await save(real, 'old')
  await expect(save(changed, 'new')).rejects.toThrow('the disk reports an error')
  expect(await contentOf(real, bucket, 'key')).toEqual({ text: 'new', type: 'text/new' })
})

test('a store that gives up without waiting for its source leaves the key free', async () => {
  const { real, changed } = await contextWith(() => ({
    async write(_key, body) {
      if (body instanceof Uint8Array) throw new Error('not here')
      const source = body.open({ start: 0, end: body.size })[Symbol.asyncIterator]()
      void source.next().catch(() => {})
      throw new HawserError('interrupted', 'given up', { op: 'write' })
    },
  }))
  const other = await real.locks.acquire(bucket.name, 'key')
  const failing = expect(save(changed, 'new')).rejects.toThrow('given up')
  other[Symbol.dispose]()
  await failing
  await save(real, 'later')
  expect((await contentOf(real, bucket, 'key'))?.text).toBe('later')
})

test('a copy is never of bytes that came meanwhile', async () => {
  let looks = 0
  const { real, changed } = await contextWith((store) => ({
    async stat(key, options) {
      // First when what is to be copied is looked for, then when it is about to be copied.
      if (key === 'bucket/source' && ++looks === 2) await save(real, 'came meanwhile', 'source')
      return store.stat(key, options)
    },
  }))
  await save(real, 'was asked for', 'source')
  const from = await open(real, bucket, 'source', undefined, call)
  const to = { bucket, key: 'copy', facts: factsOf('text/copy'), checksum: undefined }
  await expect(copy(changed, from, to, call)).rejects.toMatchObject({ code: 'PreconditionFailed' })
  expect(looks).toBe(2)
  expect(await contentOf(real, bucket, 'copy')).toBeUndefined()
  await copy(real, await open(real, bucket, 'source', undefined, call), to, call)
  const copied = await open(real, bucket, 'copy', undefined, call)
  expect(copied.version.record.etag).toBe(md5('came meanwhile'))
})
