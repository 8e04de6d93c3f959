// When the Store fails in the middle of a publication.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/core/store.ts'
import type { VaultContext } from '../../../src/serve/vault/context.ts'
import type { Ledger } from '../../../src/serve/vault/ledger/types.ts'
import { look } from '../../../src/serve/vault/look.ts'
import { open } from '../../../src/serve/vault/read.ts'
import { remove } from '../../../src/serve/vault/remove.ts'
import { copy } from '../../../src/serve/vault/copy.ts'
import { put } from '../../../src/serve/vault/write.ts'
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

test('a copy is of what was asked for, whatever comes meanwhile', async () => {
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
  const copied = await copy(changed, from, to, call)
  expect(looks).toBe(2)
  expect(copied.record.etag).toBe(md5('was asked for'))
  expect(await contentOf(real, bucket, 'copy')).toEqual({
    text: 'was asked for',
    type: 'text/copy',
  })
})

describe.each(['a put', 'a removal'] as const)('before %s moves a version away', (name) => {
  const versioned = bucketOf('enabled')
  const change = (context: VaultContext): Promise<unknown> =>
    name === 'a put'
      ? put(context, versioned, 'key', bodyOf('new'), factsOf('text/new'), call)
      : remove(context, versioned, 'key', undefined, call)

  test('it is replaced by hand: what was put there stays', async () => {
    const directory = await temporaryDirectory()
    const store = localStore(join(directory, 'data'))
    const real = await openContext(store, directory)
    await put(real, versioned, 'key', bodyOf('old'), factsOf('text/old'), call)
    const ledger: Ledger = {
      ...real.ledger,
      async write(...changes) {
        await real.ledger.write(...changes)
        if (changes.some((each) => each.do === 'put-version' && each.row.place !== undefined))
          await writeFile(join(directory, 'data/bucket/key'), 'by hand')
      },
    }
    await expect(change({ ...real, ledger })).rejects.toMatchObject({ code: 'OperationAborted' })
    const { versions } = await look(real, 'bucket', 'key', call)
    expect(versions.map(({ version }) => version.kind)).toEqual(['object'])
    expect(await contentOf(real, versioned, 'key')).toEqual({ text: 'by hand', type: undefined })
  })

  test('the disk is full: it is as it was', async () => {
    const { real, changed } = await contextWith(() => ({
      async rename() {
        throw new HawserError('no-space', 'no space left', { op: 'rename' })
      },
    }))
    await put(real, versioned, 'key', bodyOf('old'), factsOf('text/old'), call)
    const before = real.ledger.versions('bucket', 'key')
    await expect(change(changed)).rejects.toThrow('no space left')
    expect(real.ledger.versions('bucket', 'key')).toEqual(before)
    expect(await contentOf(real, versioned, 'key')).toEqual({ text: 'old', type: 'text/old' })
  })
})
