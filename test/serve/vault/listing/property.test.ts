// Buckets that were changed at random, through the server and by hand, are listed as their keys are, page by page.
import * as fc from 'fast-check'
import { constants } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { VaultContext } from '../../../../src/serve/vault/context.ts'
import { listObjects } from '../../../../src/serve/vault/listing/objects.ts'
import { listVersions } from '../../../../src/serve/vault/listing/versions.ts'
import { remove } from '../../../../src/serve/vault/remove.ts'
import type { Bucket, Versioning } from '../../../../src/serve/vault/types.ts'
import { put } from '../../../../src/serve/vault/write.ts'
import { localStore } from '../../../../src/stores/local/store.ts'
import { memoryStore } from '../../../../src/stores/memory/store.ts'
import { bodyOf, bucketOf, call, factsOf, openContext, temporaryDirectory } from '../tools.ts'
import { contents, objectsPage, versionsPage } from './model.ts'

const keys = [
  'a',
  'a/',
  'a/b',
  'a/b/c',
  'a/b/d/e',
  'a//b',
  'a-',
  'a-b-c',
  'a0',
  '../x',
  '.',
  'b/\uffff',
  'b/\u{10000}',
  'b/\u{10ffff}',
  'b/\u{10ffff}/x',
  'b0',
  'c/d/',
  `c/${'long'.repeat(70)}`,
  'c/d/e-f',
  'd/e/f',
  'd/e-f',
  'd/e/g',
  'é',
  '\u{1f600}/x',
]
const texts = ['', 'a', 'a/', 'a/b', 'a/b/', 'b', 'b/', 'c/', 'c/d', 'd/', 'a-', '..', 'z', 'a/b/c']
const delimiters = ['', '/', '-', 'b/', '/b', '\u{10ffff}']

const key = fc.constantFrom(...keys)
const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('place' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('directory' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('enabled' as const, 'suspended' as const),
      key,
    }),
  },
)
const query = fc.record({
  prefix: fc.constantFrom(...texts),
  delimiter: fc.constantFrom(...delimiters),
  after: fc.constantFrom('', '', ...texts, ...keys),
  limit: fc.constantFrom(0, 1, 2, 3, 5, 1000),
})
type Query = typeof query extends fc.Arbitrary<infer T> ? T : never
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

test('on a directory', async () => {
  const root = await temporaryDirectory()
  const context = await openContext(localStore(root, { durable: false }), root)
  await check(context, (name, each) => byHand(join(root, name), each))
})

test('in a store without directories', async () => {
  const context = await openContext(memoryStore(), await temporaryDirectory())
  await check(context, async () => {})
})

type ByHand = (bucket: string, change: Change) => Promise<void>

async function check(context: VaultContext, otherwise: ByHand): Promise<void> {
  const changes = fc.array(change, { maxLength: 25 })
  const queries = fc.array(query, { minLength: 5, maxLength: 15 })
  let runs = 0
  const run = async (made: readonly Change[], asked: readonly Query[]): Promise<void> => {
    const bucket = await changed(context, `bucket-${++runs}`, made, otherwise)
    await compare(context, bucket, asked)
  }
  await fc.assert(fc.asyncProperty(changes, queries, run), { numRuns: 40 })
}

async function changed(
  context: VaultContext,
  name: string,
  changes: readonly Change[],
  otherwise: ByHand,
): Promise<Bucket> {
  let versioning: Versioning = 'off'
  for (const [index, each] of changes.entries()) {
    const bucket = bucketOf(versioning, name)
    if (each.do === 'put')
      await put(context, bucket, each.key, bodyOf(`${index}`), factsOf('text/plain'), call)
    else if (each.do === 'remove') await remove(context, bucket, each.key, undefined, call)
    else if (each.do === 'enabled' || each.do === 'suspended') {
      if (context.store.rename) versioning = each.do
    } else await otherwise(name, each)
  }
  return bucketOf(versioning, name)
}

const writing = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

/** What is impossible on a disk is not done. */
async function byHand(bucket: string, { do: what, key: name }: Change): Promise<void> {
  const path = join(bucket, name)
  if (!path.startsWith(`${bucket}/`)) return
  try {
    await mkdir(dirname(path), { recursive: true })
    // Not through a link: the file would be another one.
    if (what === 'place') await writeFile(path, 'by hand', { flag: writing })
    else if (what === 'take') await rm(path, { recursive: true })
    else if (what === 'directory') await mkdir(path)
    else if (what === 'link') await symlink('target', path)
  } catch {}
}

async function compare(
  context: VaultContext,
  bucket: Bucket,
  queries: readonly Query[],
): Promise<void> {
  const { signal } = call
  const versions = await contents(context, bucket, keys)
  for (const asked of queries) {
    let { after } = asked
    for (;;) {
      const at = { ...asked, after, signal }
      const page = await listObjects(context, bucket, at)
      expect(page).toEqual(objectsPage(versions, at))
      if (page.next === undefined) break
      after = page.next
    }
    let from: { readonly key: string; readonly version: string | undefined } = {
      key: asked.after,
      version: undefined,
    }
    for (;;) {
      const at = { ...asked, after: from.key, afterVersion: from.version, signal }
      const page = await listVersions(context, bucket, at)
      expect(page).toEqual(versionsPage(versions, at))
      if (page.next === undefined) break
      from = page.next
    }
  }
}
