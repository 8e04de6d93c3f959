import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isHawserError } from '../../src/core/errors.ts'
import { emptyKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { below } from '../../src/layers/below.ts'
import { retry } from '../../src/layers/retry.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { localProfile, memoryProfile } from '../conformance/profiles.ts'
import { conformance, type Opened, type Profile } from '../conformance/suite.ts'
import {
  byBytes,
  bytesOf,
  collect,
  entries,
  expectSame,
  failure,
  get,
  getText,
  key,
  keys,
  put,
  remove,
} from '../conformance/tools.ts'
import { withMultipart } from '../transfer/tools.ts'

const prefix = 'some where/\u00e9/'

function shorter(profile: Profile): Profile {
  const maxKeyBytes = profile.traits.maxKeyBytes - Buffer.byteLength(prefix)
  return { ...profile, traits: { ...profile.traits, maxKeyBytes } }
}

/** The objects below the prefix, beside others that must be there untouched in the end. */
async function besideOthers(store: Store, names: readonly string[]): Promise<Opened> {
  for (const name of names) await put(store, name)
  const inside = below({ store, prefix: key(prefix) })
  return {
    store: inside,
    async close() {
      for await (const { error } of inside.remove(inside.list(emptyKey))) if (error) throw error
      expect(await keys(store, '')).toEqual(names.toSorted(byBytes))
      for (const name of names) expect(await getText(store, name)).toBe(name)
    },
  }
}

const others = ['t1/x', 'some where/\u00e9.', 'some where/\u00e90/t1/x', 'some where/e/t1/x']

conformance('below a prefix in memory', shorter(memoryProfile), () =>
  besideOthers(memoryStore(), [...others, 't1', 'some where', prefix]),
)

conformance('below a prefix on a disk', shorter(localProfile), async () => {
  const root = mkdtempSync(join(tmpdir(), 'hawser-below-'))
  const { store, close } = await besideOthers(localStore(root, { durable: false }), others)
  return {
    store,
    async close() {
      await close?.()
      rmSync(root, { recursive: true })
    },
  }
})

test('an empty prefix gives the store itself', () => {
  const store = memoryStore()
  expect(below({ store, prefix: emptyKey })).toBe(store)
})

test('a prefix gets a slash at its end, and takes no longer name along', async () => {
  const store = memoryStore()
  const inside = below({ store, prefix: key('models') })
  await put(store, 'models-old/a')
  await put(store, 'models/a')
  await put(inside, 'b')
  expect(await keys(inside, '')).toEqual(['a', 'b'])
  expect(await keys(store, '')).toEqual(['models-old/a', 'models/a', 'models/b'])
})

describe('addresses', () => {
  test.each([
    [{ scheme: 's3', endpoint: undefined, root: 'bucket' }, 'a/b/', 'bucket/a/b'],
    [{ scheme: 's3', endpoint: 'https://x', root: 'bucket' }, 'a//', 'bucket/a/'],
    [{ scheme: 's3', endpoint: undefined, root: '' }, 'bucket/', 'bucket'],
    [{ scheme: 'file', endpoint: undefined, root: '/' }, 'srv', '/srv'],
  ])('the root of %j below %s is %s', (location, name, root) => {
    const store = { ...memoryStore(), location }
    expect(below({ store, prefix: key(name) }).location).toEqual({ ...location, root })
  })

  test('errors have the key that was asked for, and the address of what is missing', async () => {
    const inside = below({ store: memoryStore({ name: 'bucket' }), prefix: key('a/b') })
    const error = await failure(inside.stat(key('c')), 'not-found')
    expect(error).toMatchObject({ key: 'c', address: 'memory://bucket/a/b/c' })
    const listed = await failure(
      collect(inside.list(key('c'), { signal: AbortSignal.abort() })),
      'interrupted',
    )
    expect(listed).toMatchObject({ key: 'c', address: 'memory://bucket/a/b/c' })
  })

  test('so have those of single removals and of names that cannot be listed', async () => {
    const root = mkdtempSync(join(tmpdir(), 'hawser-below-'))
    const inside = below({ store: localStore(root), prefix: key('a') })
    const [removal] = await remove(inside, '../x')
    expect(removal).toMatchObject({
      key: '../x',
      error: { code: 'invalid-argument', key: '../x', address: `${root}/a/../x` },
    })
    await put(inside, 'x/y')
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'a', 'x')), Buffer.from([47, 255])]), '')
    const problems: Error[] = []
    const found = await keys(inside, '', { onProblem: (error) => problems.push(error) })
    expect(found).toEqual(['x/y'])
    expect(problems).toMatchObject([{ location: { root: join(root, 'a') } }])
    rmSync(root, { recursive: true })
  })
})

test('the prefix itself is no object of it', async () => {
  const store = memoryStore()
  const inside = below({ store, prefix: key('a/') })
  await put(store, 'a/', 'kept')
  await put(store, 'x')
  await failure(put(inside, '', 'x'), 'invalid-argument')
  await failure(inside.stat(emptyKey), 'invalid-argument')
  await failure(get(inside, ''), 'invalid-argument')
  await failure(inside.readInto(emptyKey, new Uint8Array(1), 0), 'invalid-argument')
  const from = { location: store.location, key: key('x') }
  if (!inside.copy || !inside.rename || !inside.multipart || !inside.setAttributes)
    throw new Error('memory has every facet')
  await failure(inside.copy.copy(from, emptyKey), 'invalid-argument')
  await failure(inside.rename({ key: key('x') }, emptyKey), 'invalid-argument')
  await failure(inside.rename({ key: emptyKey }, key('x')), 'invalid-argument')
  await failure(inside.multipart.begin(emptyKey), 'invalid-argument')
  await failure(inside.setAttributes(emptyKey, { mode: 0o600 }), 'invalid-argument')
  await put(inside, 'y')
  expect(await remove(inside, '', 'y')).toMatchObject([
    { key: 'y', error: undefined },
    { key: '', error: { code: 'invalid-argument' } },
  ])
  expect(await entries(inside, '')).toEqual([])
  expect(await getText(store, 'a/')).toBe('kept')
})

test('an upload is plain data, and another layer over the same prefix continues it', async () => {
  const store = memoryStore()
  const content = bytesOf(1000)
  const begun = await below({ store, prefix: key('a') }).multipart?.begin(key('x'))
  const upload: unknown = JSON.parse(JSON.stringify(begun))
  expect(upload).toEqual(begun)
  expect(begun?.key).toBe('x')
  const later = below({ store, prefix: key('a/') }).multipart
  if (!later || !begun) throw new Error('no multipart')
  const receipt = await later.part(begun, { number: 1, offset: 0 }, content)
  expect(await later.complete(begun, [receipt], { size: 1000 })).toMatchObject({ key: 'x' })
  expectSame(await get(store, 'a/x'), content)
})

test('copies are made inside the store, whichever prefixes its objects are seen through', async () => {
  const store = memoryStore()
  await put(store, 'a/b/x', 'content')
  const a = below({ store, prefix: key('a') })
  const ways = [
    a,
    below({ store: a, prefix: key('b') }),
    below({ store: retry(a), prefix: key('b') }),
  ]
  const to = below({ store, prefix: key('to') })
  expect(to.copy?.accepts(store)).toBe(true)
  expect(to.copy?.accepts(memoryStore())).toBe(false)
  expect(to.copy?.accepts(below({ store: memoryStore(), prefix: key('a') }))).toBe(false)
  for (const from of ways) {
    expect(to.copy?.accepts(from)).toBe(true)
    const name = key(from === a ? 'b/x' : 'x')
    const source = { location: from.location, key: name }
    expect(await to.copy?.copy(source, key('y'))).toMatchObject({ key: 'y' })
    expect(await getText(store, 'to/y')).toBe('content')
    await remove(store, 'to/y')
    const upload = await to.multipart?.begin(key('z'))
    if (!upload) throw new Error('no multipart')
    const slot = { number: 1, offset: 0 }
    const range = { start: 0, end: 3 }
    const receipt = await to.multipart?.copyPart?.(upload, slot, source, range)
    await to.multipart?.complete(upload, receipt ? [receipt] : [], { size: 3 })
    expect(await getText(store, 'to/z')).toBe('con')
  }
})

test('the basis of an upload is told to the store by its own name', async () => {
  const store = memoryStore()
  const told: unknown[] = []
  const listening = withMultipart(store, (multipart) => ({
    async begin(name, call) {
      told.push(call?.basis)
      return multipart.begin(name, call)
    },
  }))
  const a = below({ store: listening, prefix: key('a') })
  const b = below({ store: a, prefix: key('b') })
  await b.multipart?.begin(key('x'), { basis: { location: b.location, key: key('y'), etag: 'e' } })
  expect(told).toEqual([{ location: store.location, key: 'a/b/y', etag: 'e' }])
})

const names = fc.stringMatching(/^[ab/.]{1,6}$/)
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), name: names }),
  fc.record({ do: fc.constant('remove' as const), name: names }),
  fc.record({ do: fc.constant('rename' as const), name: names, to: names }),
  fc.record({ do: fc.constant('copy' as const), name: names, to: names }),
  fc.record({ do: fc.constant('upload' as const), name: names }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the step answers: errors by their code and key. */
async function run(store: Store, one: Step): Promise<unknown> {
  const name = key(one.name)
  try {
    if (one.do === 'remove') return await remove(store, name)
    if (one.do === 'write') return (await put(store, name)).key
    if (one.do === 'rename') return (await store.rename?.({ key: name }, key(one.to)))?.key
    if (one.do === 'copy')
      return (await store.copy?.copy({ location: store.location, key: name }, key(one.to)))?.key
    return (await store.multipart?.begin(name))?.key
  } catch (error) {
    if (!isHawserError(error)) throw error
    return { code: error.code, key: error.key }
  }
}

async function uploads(store: Store, at: string): Promise<string[]> {
  const { multipart } = store
  return multipart ? (await collect(multipart.uploads(key(at)))).map((upload) => upload.key) : []
}

/** All that can be seen: objects with their content, groups, what comes after a key, uploads. */
async function seen(store: Store, at: string, after: string): Promise<unknown> {
  const all = await keys(store, '')
  return {
    objects: await Promise.all(all.map(async (name) => [name, await getText(store, name)])),
    below: await keys(store, at),
    shallow: await keys(store, at, { shallow: true }),
    later: await keys(store, at, { after: key(after) }),
    laterShallow: await keys(store, at, { after: key(after), shallow: true }),
    uploads: await uploads(store, at),
  }
}

test('it behaves as a store with nothing else in it, and leaves everything else alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[ab/.]{1,3}$/),
      fc.array(names),
      fc.array(step, { maxLength: 15 }),
      names,
      names,
      async (at, beside, steps, where, after) => {
        const full = at.endsWith('/') ? at : `${at}/`
        const store = memoryStore()
        const stranger = (name: string): boolean => !name.startsWith(full) || name === full
        for (const name of beside.filter(stranger)) await put(store, name)
        const outside = async () =>
          (await entries(store, '')).filter((entry) => stranger(entry.key))
        const before = await outside()
        const inside = below({ store, prefix: key(at) })
        const alone = memoryStore()
        for (const one of steps) expect(await run(inside, one)).toEqual(await run(alone, one))
        expect(await seen(inside, where, after)).toEqual(await seen(alone, where, after))
        expect(await outside()).toEqual(before)
        const begun = await uploads(store, '')
        expect(begun.filter(stranger)).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})
