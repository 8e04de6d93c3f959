// Objects and their versions: what a key holds after each change, and after a death in the middle of one.
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import type { VaultContext } from '../../../src/serve/vault/context.ts'
import { look } from '../../../src/serve/vault/look.ts'
import { find, open } from '../../../src/serve/vault/read.ts'
import { remove } from '../../../src/serve/vault/remove.ts'
import { update } from '../../../src/serve/vault/update.ts'
import { copy } from '../../../src/serve/vault/copy.ts'
import { put } from '../../../src/serve/vault/write.ts'
import type { Bucket, ObjectVersion, Versioning } from '../../../src/serve/vault/types.ts'
import {
  bodyOf,
  bucketOf,
  call,
  contentOf,
  factsOf,
  Killed,
  md5,
  mortal,
  openContext,
  temporaryDirectory,
} from './tools.ts'

const key = 'a/b.txt'
const backings = {
  local: (directory: string) => localStore(join(directory, 'data')),
  memory: () => memoryStore(),
}
type Backing = keyof typeof backings

async function vault(backing: Backing): Promise<VaultContext> {
  const directory = await temporaryDirectory()
  return openContext(backings[backing](directory), directory)
}

function save(
  context: VaultContext,
  bucket: Bucket,
  text: string,
  name = key,
): Promise<ObjectVersion> {
  return put(context, bucket, name, bodyOf(text), factsOf(`text/${text}`), call)
}

async function versionsOf(context: VaultContext, bucket: Bucket, name = key): Promise<string[]> {
  const { versions } = await look(context, bucket.name, name, call)
  return versions.map(({ version }) =>
    version.kind === 'marker' ? 'marker' : (version.record.contentType ?? ''),
  )
}

async function withFile(text: string) {
  const directory = await temporaryDirectory()
  const context = await openContext(backings.local(directory), directory)
  const path = join(directory, 'data', 'bucket', key)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return { context, path }
}

/** Of both keys: the contents of all versions. */
async function stateOf(context: VaultContext, bucket: Bucket): Promise<string[][]> {
  const states: string[][] = []
  for (const name of [key, 'a//b']) {
    const { versions } = await look(context, bucket.name, name, call)
    const texts: string[] = []
    for (const { version } of versions) {
      const content = await contentOf(context, bucket, name, version.version)
      texts.push(version.kind === 'marker' ? 'marker' : JSON.stringify(content))
    }
    states.push(texts)
  }
  return states
}

async function prepare(context: VaultContext, bucket: Bucket) {
  const { name, versioning } = bucket
  await save(context, bucketOf(versioning === 'off' ? 'off' : 'enabled', name), 'first')
  await save(context, bucket, 'old')
  await save(context, bucket, 'old', 'a//b')
  return stateOf(context, bucket)
}

async function outcomeOf(
  context: VaultContext,
  change: (context: VaultContext, bucket: Bucket) => Promise<unknown>,
  bucket: Bucket,
) {
  await prepare(context, bucket)
  await change(context, bucket)
  return stateOf(context, bucket)
}

function matching(text: string): typeof call {
  return { ...call, conditions: { ifMatch: [md5(text)] } }
}

describe.each(['local', 'memory'] as const)('over a store that is %s', (backing) => {
  test('an object is what was put, with all that was said of it', async () => {
    const context = await vault(backing)
    const bucket = bucketOf()
    const version = await save(context, bucket, 'one')
    expect(version.record.etag).toBe(md5('one'))
    expect(await contentOf(context, bucket, key)).toEqual({ text: 'one', type: 'text/one' })
    const found = await find(context, bucket, key, undefined, call)
    expect(found.version).toEqual(version)
  })

  test('what is put again is replaced, and leaves nothing', async () => {
    const context = await vault(backing)
    const bucket = bucketOf()
    for (const text of ['one', 'two', 'three']) await save(context, bucket, text)
    expect(await contentOf(context, bucket, key)).toEqual({ text: 'three', type: 'text/three' })
    expect(await versionsOf(context, bucket)).toEqual(['text/three'])
  })

  test.each(['a//b', '../x', '.', 'dir/', 'x'.repeat(300), 'a\n\u{1f600}', ' '])(
    'the key %j is one like others',
    async (name) => {
      const context = await vault(backing)
      const bucket = bucketOf()
      await save(context, bucket, 'one', name)
      await save(context, bucket, 'two', name)
      expect((await contentOf(context, bucket, name))?.text).toBe('two')
      await remove(context, bucket, name, undefined, call)
      expect(await contentOf(context, bucket, name)).toBeUndefined()
    },
  )

  test('a key may lie below another one', async () => {
    const context = await vault(backing)
    const bucket = bucketOf()
    for (const name of ['a', 'a/b', 'a/b/c', 'd/e', 'd']) await save(context, bucket, name, name)
    for (const name of ['a', 'a/b', 'a/b/c', 'd/e', 'd'])
      expect((await contentOf(context, bucket, name))?.text).toBe(name)
    for (const name of ['a', 'd/e']) await remove(context, bucket, name, undefined, call)
    for (const name of ['a/b', 'a/b/c', 'd'])
      expect((await contentOf(context, bucket, name))?.text).toBe(name)
  })

  test('versions stay, markers cover them, and both can be removed', async () => {
    const context = await vault(backing)
    const bucket = bucketOf('enabled')
    await save(context, bucketOf(), 'zero')
    const one = await save(context, bucket, 'one')
    await save(context, bucket, 'two')
    const marker = await remove(context, bucket, key, undefined, call)
    expect(marker.marker).toBe(true)
    await expect(find(context, bucketOf(), key, 'nope', call)).rejects.toThrow('does not exist')
    expect(await contentOf(context, bucket, key)).toBeUndefined()
    expect(await versionsOf(context, bucket)).toEqual([
      'marker',
      'text/two',
      'text/one',
      'text/zero',
    ])
    expect((await contentOf(context, bucket, key, one.version))?.text).toBe('one')
    expect((await contentOf(context, bucket, key, 'null'))?.text).toBe('zero')
    expect(await remove(context, bucket, key, marker.version, call)).toEqual(marker)
    expect((await contentOf(context, bucket, key))?.text).toBe('two')
    await remove(context, bucket, key, one.version, call)
    expect(await versionsOf(context, bucket)).toEqual(['text/two', 'text/zero'])
  })

  test('while versioning is suspended, only the null version is replaced', async () => {
    const context = await vault(backing)
    await save(context, bucketOf('enabled'), 'one')
    const suspended = bucketOf('suspended')
    for (const text of ['two', 'three']) await save(context, suspended, text)
    expect(await versionsOf(context, suspended)).toEqual(['text/three', 'text/one'])
    await remove(context, suspended, key, undefined, call)
    expect(await versionsOf(context, suspended)).toEqual(['marker', 'text/one'])
  })

  test('conditions hold', async () => {
    const context = await vault(backing)
    const bucket = bucketOf()
    const absent = { ...call, conditions: { ifNoneMatch: ['*'] } }
    const write = (text: string, options: typeof call) =>
      put(context, bucket, key, bodyOf(text), factsOf('x'), options)
    await expect(write('one', matching('zero'))).rejects.toMatchObject({ code: 'NoSuchKey' })
    await write('one', absent)
    await expect(write('two', absent)).rejects.toMatchObject({ code: 'PreconditionFailed' })
    await expect(write('two', matching('two'))).rejects.toMatchObject({
      code: 'PreconditionFailed',
    })
    await write('two', matching('one'))
    await expect(remove(context, bucket, key, undefined, matching('one'))).rejects.toMatchObject({
      code: 'PreconditionFailed',
    })
    expect((await contentOf(context, bucket, key))?.text).toBe('two')
  })

  test('of twenty that write only if there is nothing, one does', async () => {
    const context = await vault(backing)
    const options = { ...call, conditions: { ifNoneMatch: ['*'] } }
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        put(context, bucketOf(), key, bodyOf(String(i)), factsOf('x'), options),
      ),
    )
    const winner = tries.findIndex(({ status }) => status === 'fulfilled')
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await contentOf(context, bucketOf(), key))?.text).toBe(String(winner))
  })

  test('copies have the bytes and what is said of them, also onto themselves', async () => {
    const context = await vault(backing)
    for (const bucket of [bucketOf(), bucketOf('enabled')]) {
      const original = await save(context, bucket, 'one')
      for (const to of ['copy', key]) {
        const from = await open(context, bucket, key, undefined, call)
        const facts = factsOf('text/copied')
        const copied = await copy(
          context,
          from,
          { bucket, key: to, facts, checksum: undefined },
          call,
        )
        expect(copied.record.etag).toBe(original.record.etag)
        expect(await contentOf(context, bucket, to)).toEqual({ text: 'one', type: 'text/copied' })
      }
    }
  })

  test('tags change without the bytes', async () => {
    const context = await vault(backing)
    const bucket = bucketOf()
    const version = await save(context, bucket, 'one')
    await update(context, bucket, version, { tags: { a: 'b' } }, call)
    const found = await find(context, bucket, key, undefined, call)
    expect(found.version).toMatchObject({
      modified: version.modified,
      record: { tags: { a: 'b' } },
    })
  })
})

test('versioning that is turned on while a request is under way keeps what comes from then on', async () => {
  const context = await vault('local')
  const off = bucketOf()
  const on = { ...off, versioning: 'enabled' as const }
  await context.ledger.write({ do: 'put-bucket', row: off })
  await save(context, off, 'zero')
  await context.ledger.write({ do: 'put-bucket', row: on })
  await save(context, on, 'one')
  // These requests began before.
  await save(context, off, 'two')
  expect(await versionsOf(context, off)).toEqual(['text/two', 'text/one', 'text/zero'])
  await remove(context, off, key, undefined, call)
  expect(await versionsOf(context, off)).toEqual(['marker', 'text/two', 'text/one', 'text/zero'])
})

describe('by hand', () => {
  test('what is put there is served, and its etag is no MD5', async () => {
    const { context } = await withFile('by hand')
    const found = await find(context, bucketOf(), key, undefined, call)
    expect(found.version).toMatchObject({ kind: 'object', version: 'null', size: 7 })
    expect(found.version).toMatchObject({
      record: { etag: expect.stringMatching(/^[0-9a-f]{32}-0$/) },
    })
    expect((await contentOf(context, bucketOf(), key))?.text).toBe('by hand')
  })

  test('what is changed there is a new object', async () => {
    const { context, path } = await withFile('')
    await save(context, bucketOf(), 'one')
    await writeFile(path, 'two')
    expect(await contentOf(context, bucketOf(), key)).toEqual({ text: 'two', type: undefined })
    await save(context, bucketOf(), 'three')
    expect(await versionsOf(context, bucketOf())).toEqual(['text/three'])
  })

  test('what is put over it stays a version where versions are kept', async () => {
    const { context, path } = await withFile('by hand')
    await utimes(path, 1, 1)
    await save(context, bucketOf('enabled'), 'one')
    expect(await readFile(path, 'utf8')).toBe('one')
    expect((await contentOf(context, bucketOf(), key, 'null'))?.text).toBe('by hand')
  })

  test('objects are plain files, at their own names also when they come back', async () => {
    const { context, path } = await withFile('zero')
    const bucket = bucketOf('enabled')
    await save(context, bucket, 'one')
    const { version = '' } = await remove(context, bucket, key, undefined, call)
    await expect(stat(path)).rejects.toThrow('ENOENT')
    await remove(context, bucket, key, version, call)
    expect(await readFile(path, 'utf8')).toBe('one')
    const latest = await find(context, bucket, key, undefined, call)
    await remove(context, bucket, key, latest.version.version, call)
    expect(await readFile(path, 'utf8')).toBe('zero')
  })
})

describe('killed in the middle', () => {
  const changes: Record<string, (context: VaultContext, bucket: Bucket) => Promise<unknown>> = {
    'a put': (context, bucket) => save(context, bucket, 'new'),
    'a put of a key that cannot be a file': (context, bucket) =>
      save(context, bucket, 'new', 'a//b'),
    'a copy onto itself': async (context, bucket) => {
      const from = await open(context, bucket, key, undefined, call)
      const target = { bucket, key, facts: factsOf('text/new'), checksum: undefined }
      return copy(context, from, target, call)
    },
    'a removal': (context, bucket) => remove(context, bucket, key, undefined, call),
    'a removal of the latest version': async (context, bucket) => {
      const latest = await find(context, bucket, key, undefined, call)
      return remove(context, bucket, key, latest.version.version, call)
    },
  }
  const cases = Object.keys(changes).flatMap((name) =>
    (['off', 'enabled', 'suspended'] as const).map((versioning) => [name, versioning] as const),
  )

  test.each(cases)('%s, versioning %s', async (name, versioning: Versioning) => {
    const change = changes[name]
    if (!change) throw new Error('no such change')
    const context = await vault('local')
    const wanted = await outcomeOf(context, change, bucketOf(versioning, 'model'))
    let deaths = 0
    for (let at = 1; ; at++) {
      let died = false
      for (const when of ['before', 'after'] as const) {
        const bucket = bucketOf(versioning, `${when}-${at}`)
        const before = await prepare(context, bucket)
        const mortality = mortal(context, at, when)
        try {
          await change(mortality.context, bucket)
        } catch (error) {
          expect(error).toBeInstanceOf(Killed)
        }
        died ||= mortality.isDead()
        // As it was, or as it was to be; and nothing else has changed.
        const after = await stateOf(context, bucket)
        expect([before, wanted]).toContainEqual(after)
        // And it can be done again.
        await save(context, bucket, 'again')
        expect((await contentOf(context, bucket, key))?.text).toBe('again')
      }
      if (!died) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(0)
  })
})
