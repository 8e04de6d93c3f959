// Uploads over a directory or in memory.
import { createHash, getRandomValues } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Store } from '../../../../src/core/store.ts'
import { toKey } from '../../../../src/core/key.ts'
import { replayBody } from '../../../../src/serve/body/incoming.ts'
import type { ChecksumAlgorithm, IncomingBody } from '../../../../src/serve/body/types.ts'
import type { VaultContext } from '../../../../src/serve/vault/context.ts'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import { sweep } from '../../../../src/serve/vault/leftovers.ts'
import { open } from '../../../../src/serve/vault/read.ts'
import type {
  Bucket,
  CompleteRequest,
  NewUpload,
  PartInfo,
  UploadInfo,
  Uploads,
} from '../../../../src/serve/vault/types.ts'
import { uploadsOf } from '../../../../src/serve/vault/uploads/uploads.ts'
import { localStore } from '../../../../src/stores/local/store.ts'
import { memoryStore } from '../../../../src/stores/memory/store.ts'
import { KeyLocks } from '../../../../src/serve/vault/locks.ts'
import { Killed, call, contextOf, factsOf, signal, temporaryDirectory } from '../tools.ts'

/** The least size of a part that is not the last one. */
export const MiB5: number = 5 * 2 ** 20

export interface Place {
  readonly context: VaultContext
  readonly uploads: Uploads
  readonly directory: string
  /** As if the process had ended and another begun. */
  restart(): Promise<Place>
}

export async function onDisk(): Promise<Place> {
  const directory = await temporaryDirectory()
  return placeOf(directory, () => localStore(directory, { durable: false }))
}

export async function inMemory(): Promise<Place> {
  const store = memoryStore()
  return placeOf(await temporaryDirectory(), () => store)
}

async function placeOf(directory: string, openStore: () => Store): Promise<Place> {
  const ledger = await openLedger(join(directory, '.hawser/s3'))
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  const context = contextOf(openStore(), ledger)
  return {
    context,
    uploads: uploadsOf(context),
    directory,
    async restart() {
      await ledger[Symbol.asyncDispose]()
      const next = await placeOf(directory, openStore)
      await sweep(next.context, next.context.ledger.lastLeftover(), signal)
      return next
    },
  }
}

export const plainUpload: NewUpload = { facts: factsOf('text/plain'), checksum: undefined }

export function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}

export function body(bytes: Uint8Array, checksum?: ChecksumAlgorithm): IncomingBody {
  async function* stream(): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes
  }
  return replayBody(stream(), bytes.length, checksum)
}

/** A body that is found wrong at its end, after all but the last of its bytes have passed. */
export function wrongBody(bytes: Uint8Array, error: Error): IncomingBody {
  return {
    size: bytes.length,
    async *open() {
      yield bytes.subarray(0, -1)
      throw error
    },
    digests() {
      throw new Error('never verified')
    },
  }
}

/** A body that stops before its last byte until it is told to go on. */
export function slowBody(bytes: Uint8Array): {
  readonly body: IncomingBody
  /** Resolves once bytes have been asked for. */
  readonly begun: Promise<void>
  readonly goOn: () => void
} {
  const begun = Promise.withResolvers<void>()
  const wait = Promise.withResolvers<void>()
  async function* stream(): AsyncGenerator<Uint8Array> {
    begun.resolve()
    await wait.promise
    yield bytes
  }
  return {
    body: replayBody(stream(), bytes.length),
    begun: begun.promise,
    goOn: () => wait.resolve(),
  }
}

export function md5(...pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

/** As S3 computes it. */
export function etagOf(parts: readonly Uint8Array[]): string {
  return `${md5(...parts.map((part) => md5(part))).toString('hex')}-${parts.length}`
}

export function request(
  parts: readonly PartInfo[],
  change: Partial<CompleteRequest> = {},
): CompleteRequest {
  return {
    ...call,
    parts: parts.map(({ number, etag, checksum }) => ({ number, etag, checksum })),
    checksum: undefined,
    size: undefined,
    ...change,
  }
}

export async function send(
  { uploads }: Place,
  bucket: Bucket,
  upload: UploadInfo,
  parts: readonly (readonly [number: number, bytes: Uint8Array])[],
): Promise<readonly PartInfo[]> {
  const sent: PartInfo[] = []
  for (const [number, bytes] of parts)
    sent.push(await uploads.part(bucket, upload, number, body(bytes), call))
  return sent.toSorted((a, b) => a.number - b.number)
}

/** Not by `toEqual`, which looks at each byte by itself. */
export async function expectBytes(
  { context }: Place,
  bucket: Bucket,
  key: string,
  expected: readonly Uint8Array[],
  version?: string,
): Promise<void> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await open(context, bucket, key, version, call)).bytes)
    pieces.push(Buffer.from(piece))
  const [found, wanted] = [Buffer.concat(pieces), Buffer.concat(expected)]
  expect([found.length, found.equals(wanted)]).toEqual([wanted.length, true])
}

/** What the hidden place holds beside objects: parts, and uploads that are not whole. */
export async function leftovers({ context: { store } }: Place): Promise<readonly string[]> {
  const found: string[] = []
  for (const prefix of ['.hawser/s3/parts/', '.hawser/s3/uploads/'])
    for await (const { key } of store.list(toKey(prefix))) found.push(key)
  const unfinished = store.multipart?.uploads(toKey(''))
  if (unfinished) for await (const { key, id } of unfinished) found.push(`${key} ${id}`)
  return found
}

/**
 * The place, whose process dies at its `at`-th change of the Store or the ledger, just before it or just after.
 * @returns also whether it came that far
 */
export function mortal(
  { context }: Place,
  at: number,
  when: 'before' | 'after',
): { readonly uploads: Uploads; readonly isDead: () => boolean } {
  const { store, ledger } = context
  const { rename, multipart } = store
  if (!rename || !multipart) throw new Error('not for this store')
  let steps = 0
  let dead = false
  const step = async <T>(change: () => Promise<T>): Promise<T> => {
    if (dead) throw new Killed()
    const last = ++steps === at
    if (last && when === 'before') {
      dead = true
      throw new Killed()
    }
    const result = await change()
    if (!last) return result
    dead = true
    throw new Killed()
  }
  const uploads = uploadsOf({
    ...context,
    locks: new KeyLocks(),
    ledger: { ...ledger, write: (...changes) => step(() => ledger.write(...changes)) },
    store: {
      ...store,
      write: (...args) => step(() => store.write(...args)),
      rename: (...args) => step(() => rename(...args)),
      async *remove(...args) {
        yield* await step(() => Array.fromAsync(store.remove(...args)))
      },
      multipart: {
        ...multipart,
        begin: (...args) => step(() => multipart.begin(...args)),
        part: (...args) => step(() => multipart.part(...args)),
        complete: (...args) => step(() => multipart.complete(...args)),
        abort: (...args) => step(() => multipart.abort(...args)),
      },
    },
  })
  return { uploads, isDead: () => dead }
}
