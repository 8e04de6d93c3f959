// Bytes in the hidden place that nothing needs: what a version left, or an upload, and what a write leaves that dies.
//
// The ledger names such a place in the very transaction in which a version or an upload stops to name it, and before
// bytes of a new version come to it. So a process that dies leaves none that the next one does not find; and whatever is
// in the hidden place without a word in the ledger (which may have been lost, or be an old one) is never touched.
import { isHawserError } from '../../core/errors.ts'
import { toKey, type Key } from '../../core/key.ts'
import type { Upload } from '../../core/store.ts'
import { checkSignal } from '../../core/signal.ts'
import type { VaultContext } from './context.ts'
import { assembledKey, partsPlace, uploadIdOf } from './places.ts'
import { removeBytes } from './remove-bytes.ts'

const pageSize = 100
/** In milliseconds: no write is silent for so long. */
const longAgo = 86_400_000

/** Removes bytes at places that are leftovers. What cannot be removed now stays one, for the next start. */
export async function freeAll(context: VaultContext, places: readonly string[]): Promise<void> {
  for (const place of places) await free(context, place)
}

/** @param backing of an upload's place: the Store's upload, where it is known */
export async function free(context: VaultContext, place: string, backing?: Upload): Promise<void> {
  try {
    await removeAll(context, place, backing)
  } catch (error) {
    if (isHawserError(error)) return
    throw error
  }
  // Nobody waits for it: until then it is removed once more at worst.
  context.ledger.write({ do: 'remove-leftover', place }).catch(() => {})
}

/** Sweeps beside what is served, until it is disposed of. */
export function startSweep(context: VaultContext): AsyncDisposable {
  const controller = new AbortController()
  const upTo = context.ledger.lastLeftover()
  // What fails is tried again by the next start.
  const sweeping = sweep(context, upTo, controller.signal)
    .then(() => sweepWrites(context, '', Date.now() - longAgo, controller.signal))
    .catch(() => {})
  return {
    [Symbol.asyncDispose]() {
      controller.abort()
      return sweeping
    },
  }
}

/** Removes what earlier processes left. What comes to be left from now on is not touched. */
export async function sweep(
  context: VaultContext,
  upTo: number,
  signal: AbortSignal,
): Promise<void> {
  for (let after = 0; ;) {
    const rows = context.ledger.leftovers(after, upTo, pageSize)
    for (const { id, place } of rows) {
      checkSignal(signal, { op: 'serve', location: context.store.location })
      await free(context, place)
      after = id
    }
    if (rows.length < pageSize) return
  }
}

/**
 * Removes what writes left that came to no end.
 * @param before milliseconds since 1970: only those to which nothing came since
 */
export async function sweepWrites(
  { store: { multipart } }: VaultContext,
  prefix: string,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  if (!multipart) return
  for await (const upload of multipart.uploads(toKey(prefix), { signal }))
    if (upload.abandoned && upload.abandoned.getTime() < before)
      await multipart.abort(upload, { signal })
}

async function removeAll(
  context: VaultContext,
  place: string,
  backing: Upload | undefined,
): Promise<void> {
  const { store, ledger } = context
  const upload = uploadIdOf(place)
  // An upload's place can be an object's by now.
  if (!ledger.isNamed(place)) await removeBytes(store, toKey(place))
  if (upload === undefined) return
  if (backing) await store.multipart?.abort(backing)
  else await abortAt(context, assembledKey(upload))
  for await (const { key } of store.list(partsPlace(upload))) await removeBytes(store, key)
}

async function abortAt({ store: { multipart } }: VaultContext, key: Key): Promise<void> {
  if (!multipart) return
  for await (const upload of multipart.uploads(key))
    if (upload.key === key) await multipart.abort(upload)
}
