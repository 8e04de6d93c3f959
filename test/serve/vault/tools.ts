// A vault over a directory or in memory, its calls interrupted at will.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Store } from '../../../src/core/store.ts'
import type { IncomingBody } from '../../../src/serve/body/types.ts'
import { strictClock } from '../../../src/serve/vault/clock.ts'
import type { VaultContext } from '../../../src/serve/vault/context.ts'
import { openLedger } from '../../../src/serve/vault/ledger/ledger.ts'
import type { Ledger } from '../../../src/serve/vault/ledger/types.ts'
import { KeyLocks } from '../../../src/serve/vault/locks.ts'
import { find, open } from '../../../src/serve/vault/read.ts'
import { isObject } from '../../../src/serve/vault/resolve.ts'
import type { Bucket, Facts, PutOptions, Versioning } from '../../../src/serve/vault/types.ts'
import { crc64nvme } from '../../../src/kernels/crc64nvme.ts'
import { crc64ToBase64 } from '../../../src/core/digest.ts'

export const signal: AbortSignal = new AbortController().signal
export const call: PutOptions = { signal, conditions: {} }

export function bucketOf(versioning: Versioning = 'off', name = 'bucket'): Bucket {
  return { name, created: 0, owner: 'me', versioning, cors: [], tags: {} }
}

export function factsOf(contentType: string): Facts {
  return { contentType, headers: {}, metadata: {}, tags: {}, storageClass: 'STANDARD' }
}

/** A body whose bytes are those of the text. */
export function bodyOf(text: string): IncomingBody {
  const bytes = Buffer.from(text)
  return {
    size: bytes.length,
    async *open(whenVerified) {
      await whenVerified?.()
      yield bytes
    },
    digests: () => ({
      md5: md5(text),
      crc64nvme: crc64nvme(bytes),
      checksum: { algorithm: 'CRC64NVME', value: crc64ToBase64(crc64nvme(bytes)) },
    }),
  }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-vault-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export function contextOf(store: Store, ledger: Ledger): VaultContext {
  return {
    store,
    ledger,
    locks: new KeyLocks(),
    clock: strictClock(() => Date.now()),
    owner: 'me',
  }
}

/** A vault whose ledger is closed with the test. */
export async function openContext(store: Store, directory: string): Promise<VaultContext> {
  const ledger = await openLedger(join(directory, 'ledger'))
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return contextOf(store, ledger)
}

/** The text of the latest version, or of the one named; undefined where there is none. */
export async function contentOf(
  context: VaultContext,
  bucket: Bucket,
  key: string,
  version?: string,
): Promise<{ readonly text: string; readonly type: string | undefined } | undefined> {
  try {
    const found = await find(context, bucket, key, version, call)
    if (!isObject(found)) return undefined
    const object = await open(context, bucket, key, version, call)
    const pieces: Uint8Array[] = []
    for await (const piece of object.bytes) pieces.push(Buffer.from(piece))
    return {
      text: Buffer.concat(pieces).toString(),
      type: object.version.record.contentType,
    }
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined
    throw error
  }
}

export class Killed extends Error {}

/**
 * A context that dies at its `at`-th change of the Store or the ledger, just before it or just after: then nothing of it
 * works any more, as if the process were gone. Past its last change it lives.
 */
export function mortal(
  { store, ledger }: VaultContext,
  at: number,
  when: 'before' | 'after',
): { readonly context: VaultContext; isDead(): boolean } {
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
  const { rename, copy } = store
  const killable: Store = {
    ...store,
    write: (...args) => step(() => store.write(...args)),
    remove: (...args) => stepStream(() => store.remove(...args)),
    rename: rename && ((...args) => step(() => rename(...args))),
    copy: copy && { ...copy, copy: (...args) => step(() => copy.copy(...args)) },
  }
  async function* stepStream<T>(change: () => AsyncIterable<T>): AsyncGenerator<T> {
    yield* await step(async () => {
      const all: T[] = []
      for await (const item of change()) all.push(item)
      return all
    })
  }
  const mortalLedger: Ledger = {
    ...ledger,
    write: (...changes) => step(() => ledger.write(...changes)),
  }
  return { context: contextOf(killable, mortalLedger), isDead: () => dead }
}
