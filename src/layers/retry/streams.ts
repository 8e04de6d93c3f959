// Streams that go on where they broke.
import { asHawserError, HawserError } from '../../core/errors.ts'
import { compareKeys, type Key } from '../../core/key.ts'
import type { Entry, ListOptions, ObjectBody, ReadOptions, Store } from '../../core/store.ts'
import { streamedBody } from '../wrap.ts'
import { again, Tries, type RetrySettings, type TriedCall } from './tries.ts'

/**
 * A listing that continues after the last key it yielded. One without order cannot: it is tried again only while it has
 * yielded nothing.
 */
export async function* listAgain(
  store: Store,
  settings: RetrySettings,
  call: TriedCall,
  prefix: Key,
  options: ListOptions | undefined,
): AsyncGenerator<Entry> {
  const tries = new Tries(settings, call)
  let last: Key | undefined
  for (;;) {
    tries.begin()
    try {
      const from = last === undefined ? options : { ...options, after: last }
      for await (const entry of store.list(prefix, from)) {
        // A store may tell a group again whose key is `after` itself.
        if (last !== undefined && store.traits.order === 'key' && compareKeys(entry.key, last) <= 0)
          continue
        last = entry.key
        tries.progressed()
        yield entry
      }
      tries.succeeded()
      return
    } catch (error) {
      if (last !== undefined && store.traits.order === 'none') throw final(error, call)
      await tries.failed(error)
    }
  }
}

/** A stream of few things with a name each; begun anew, it leaves out what it has yielded already. */
export async function* namedAgain<T>(
  settings: RetrySettings,
  call: TriedCall,
  open: () => AsyncIterable<T>,
  nameOf: (item: T) => string | number,
): AsyncGenerator<T> {
  const tries = new Tries(settings, call)
  const seen = new Set<string | number>()
  for (;;) {
    tries.begin()
    try {
      for await (const item of open()) {
        const name = nameOf(item)
        if (seen.has(name)) continue
        seen.add(name)
        tries.progressed()
        yield item
      }
      tries.succeeded()
      return
    } catch (error) {
      await tries.failed(error)
    }
  }
}

/** Bytes that have no version to hold them to: tried again only while none has been yielded. */
export async function* bytesAgain(
  settings: RetrySettings,
  call: TriedCall,
  open: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const tries = new Tries(settings, call)
  let begun = false
  for (;;) {
    tries.begin()
    try {
      for await (const chunk of open()) {
        begun = true
        yield chunk
      }
      tries.succeeded()
      return
    } catch (error) {
      if (begun) throw final(error, call)
      await tries.failed(error)
    }
  }
}

/** A read that continues at the byte where it broke, in the same version of the object or not at all. */
export async function readAgain(
  store: Store,
  settings: RetrySettings,
  call: TriedCall,
  key: Key,
  options: ReadOptions | undefined,
): Promise<ObjectBody> {
  const first = await again(settings, call, () => store.read(key, options))
  const { etag, size } = first.info

  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const tries = new Tries(settings, call)
    const end = Math.min(options?.range?.end ?? size, size)
    let position = options?.range?.start ?? 0
    let body: ObjectBody | undefined = first
    for (;;) {
      tries.begin()
      try {
        body ??= await store.read(key, {
          ...options,
          range: { start: position, end },
          ifMatch: etag,
        })
        if (body.info.etag !== etag) {
          await body[Symbol.asyncIterator]().return?.()
          throw changed(call)
        }
        for await (const chunk of body) {
          position += chunk.length
          tries.progressed()
          yield chunk
        }
        if (position < end) throw cutShort(call, end - position)
        tries.succeeded()
        return
      } catch (error) {
        if (position >= end && asHawserError(error, call).retry === 'later') return
        if (etag === undefined) throw final(error, call)
        await tries.failed(error)
        body = undefined
      }
    }
  }

  return streamedBody(first, stream)
}

function final(cause: unknown, call: TriedCall): HawserError {
  const error = asHawserError(cause, call)
  return error.retry === 'later' ? error.with({ retry: 'exhausted' }) : error
}

function changed(call: TriedCall): HawserError {
  return new HawserError('precondition-failed', 'the object changed during the read', call)
}

function cutShort(call: TriedCall, missing: number): HawserError {
  const message = `the answer ended ${missing} bytes early`
  return new HawserError('unavailable', message, { ...call, retry: 'later' })
}
