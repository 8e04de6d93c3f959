// S3 clients that nobody here wrote, against our own server, and against one that they are known to work with.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyKey, toKey } from '../../src/core/key.ts'
import type { Entry, Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { s3Store } from '../../src/stores/s3/store.ts'
import { bytesOf, collect, get, getText, MiB } from '../conformance/tools.ts'
import { describeClient, installClients } from '../servers/clients.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { openBucket, s3Options } from '../stores/s3/open.ts'
import type { Presigned } from './clients/client.ts'
import { makers } from './clients/makers.ts'

const tree: Readonly<Record<string, string | Uint8Array>> = {
  plain: 'plain',
  empty: '',
  'a/b/c/d/deep.txt': 'deep',
  'a/b/c.bin': bytesOf(70_000),
  'with space/ two  spaces .txt': 'spaces',
  'plus+plus/a+b': 'plus',
  'percent%41%2F%zz/100%': 'percent',
  'quote"\'&<xml>;=?#': 'quote',
  'caf\u00e9/\u65e5\u672c\u8a9e \u{1f600}': 'composed',
  'cafe\u0301': 'decomposed',
  '~tilde!(star*),$@:[x]{y}': 'marks',
  'big.bin': bytesOf(20 * MiB, 5),
}

const clients = await installClients()

describeS3(
  'clients',
  (endpoint) => {
    let folder: string
    let source: string

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-clients-'))
      source = join(folder, 'tree')
      for (const [name, content] of Object.entries(tree)) {
        mkdirSync(dirname(join(source, name)), { recursive: true })
        writeFileSync(join(source, name), content)
      }
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    for (const [name, make] of makers)
      describeClient(clients, name, (command) => {
        const client = () => make(command, endpoint, folder)

        test('a tree goes there and comes back', async () => {
          const one = client()
          const bucket = createBucketName()
          await using store = s3Store(s3Options(endpoint, bucket))
          await one.makeBucket(bucket)
          await one.upload(source, bucket)
          const sent = await objectsOf(store)
          expect(sent.get('big.bin')?.etag).toMatch(/-\d+"$/)
          expect(await one.list(bucket)).toEqual(sizes)
          expect(new Map([...sent].map(([key, { size }]) => [key, size]))).toEqual(sizes)

          await one.upload(source, bucket)
          expect(await objectsOf(store)).toEqual(sent)

          const back = join(folder, bucket)
          mkdirSync(back)
          await one.download(bucket, back)
          expect(await contents(back)).toEqual(await contents(source))

          await one.empty(bucket)
          expect(await objectsOf(store)).toEqual(new Map())
          await one.removeBucket(bucket)
          expect(await bucketNames(store)).not.toContain(bucket)
        })

        test('an object is copied inside the server', async () => {
          await using store = await openBucket(endpoint)
          const bucket = store.location.root
          const facts = { contentType: 'text/x-odd', note: 'goes along' }
          const from = 'from caf\u00e9 a+b %41'
          await client().put(join(source, 'big.bin'), bucket, from, facts)
          await client().copy(bucket, from, 'to/copy')
          const content = Buffer.from(tree['big.bin'] ?? '')
          expect(content.equals(await get(store, 'to/copy'))).toBe(true)
          expect(await client().facts(bucket, 'to/copy')).toEqual(facts)
        })

        test('content type and metadata are kept', async () => {
          await using store = await openBucket(endpoint)
          const bucket = store.location.root
          const facts = { contentType: 'text/x-odd', note: 'a note, with spaces = signs' }
          await client().put(join(source, 'plain'), bucket, 'dir/object', facts)
          expect(await client().facts(bucket, 'dir/object')).toEqual(facts)
          expect(await store.stat(toKey('dir/object'))).toMatchObject({
            contentType: facts.contentType,
            metadata: { note: facts.note },
          })
        })

        test('what it signs for others holds for exactly that', async () => {
          await using store = await openBucket(endpoint)
          const key = toKey('dir/caf\u00e9 a+b %41')
          await store.write(key, Buffer.from('read'))
          const signed = await client().presign(store.location.root, key)
          expect(signed.map(({ method }) => method)).toContain('GET')
          for (const one of signed) {
            const forbidden = await send(tampered(one))
            const answer = await send(one)
            expect(forbidden.status).toBe(403)
            expect(answer.ok, `${one.method} ${answer.text}`).toBe(true)
            if (one.method === 'GET') expect(answer.text).toBe('read')
            else expect(await getText(store, key)).toBe(one.method)
          }
        })
      })
  },
  ['hawser', 'ceph20'],
)

const sizes = new Map(
  Object.entries(tree).map(([name, content]) => [name, Buffer.from(content).length]),
)

/** What is in the bucket, as nobody's client sees it. A rewritten object has another time. */
async function objectsOf(
  store: Store,
): Promise<Map<string, Pick<Entry, 'size' | 'etag' | 'modified'>>> {
  const found = await collect(store.list(emptyKey))
  return new Map(found.map(({ key, size, etag, modified }) => [key, { size, etag, modified }]))
}

async function bucketNames({ buckets }: Store): Promise<string[]> {
  return buckets ? (await collect(buckets.list())).map(({ name }) => name) : []
}

/** Digests by name. */
async function contents(directory: string): Promise<Map<string, string>> {
  await using store = localStore(directory)
  const digests = new Map<string, string>()
  for await (const { key } of store.list(emptyKey))
    digests.set(
      key,
      createHash('md5')
        .update(await get(store, key))
        .digest('hex'),
    )
  return digests
}

/** Sends the method as content. */
async function send({
  method,
  url,
  fields,
}: Presigned): Promise<{ ok: boolean; status: number; text: string }> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields ?? {})) form.append(name, value)
  form.append('file', new Blob([method]))
  // As bytes it has no content type of its own, which Ceph wants signed where there is one.
  const body = method === 'POST' ? form : Buffer.from(method)
  const response = await fetch(url, method === 'GET' ? {} : { method, body })
  return { ok: response.ok, status: response.status, text: await response.text() }
}

/** With another signature. */
function tampered(one: Presigned): Presigned {
  const url = new URL(one.url)
  for (const name of ['X-Amz-Signature', 'Signature']) {
    const signature = url.searchParams.get(name)
    if (signature !== null) url.searchParams.set(name, other(signature))
  }
  const signed = one.fields?.['x-amz-signature']
  const fields =
    signed === undefined ? undefined : { ...one.fields, 'x-amz-signature': other(signed) }
  return { ...one, url: url.href, fields }
}

function other(signature: string): string {
  return (signature.startsWith('0') ? '1' : '0') + signature.slice(1)
}
