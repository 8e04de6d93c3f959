// What the layers share. A layer is a literal that lists every method and facet of the Store port, so that one that is
// forgotten does not compile; there are no defaults to fall through to.
import { setTimeout as timer } from 'node:timers/promises'
import { objectBody } from '../core/body.ts'
import type { ObjectBody } from '../core/store.ts'

/** The methods of the Store port by the names that errors carry as their `op`. */
export type StoreOp =
  | 'list'
  | 'stat'
  | 'read'
  | 'readInto'
  | 'withFile'
  | 'write'
  | 'remove'
  | 'setAttributes'
  | 'rename'
  | 'begin'
  | 'part'
  | 'copyPart'
  | 'readPart'
  | 'parts'
  | 'complete'
  | 'abort'
  | 'uploads'
  | 'copy'
  | 'listBuckets'
  | 'createBucket'
  | 'removeBucket'
  | 'archiveState'
  | 'thaw'

/** Waits; rejects once the signal aborts, leaving no timer behind. */
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>

/** The longest wait that a timer of Node can do. */
const longest = 2 ** 31 - 1

export const sleepFor: Sleep = async (milliseconds, signal) => {
  await timer(Math.min(milliseconds, longest), undefined, { signal })
}

/**
 * A body whose bytes come from `stream`, which reads `inner`. Leaving it before its first byte, which a generator
 * does not hear of, frees the connection of `inner` too.
 */
export function streamedBody(
  inner: ObjectBody,
  stream: () => AsyncGenerator<Uint8Array, void, undefined>,
): ObjectBody {
  return objectBody(inner.info, stream, async () => {
    await inner[Symbol.asyncIterator]().return?.()
  })
}
