// Removals that are tried again. A store answers for keys as they come, in batches of its own; what it could not answer
// for, and what it says may be tried later, goes into the next pass, ahead of new keys.
import { asHawserError, HawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { CallOptions, KeyRef, Removal, Store } from '../../core/store.ts'
import { Tries, type RetrySettings, type TriedCall } from './tries.ts'

/** With so many keys to try again a pass takes no new ones: bounds the memory. */
const most = 1000

interface Pending {
  readonly ref: KeyRef
  readonly failures: number
}

export async function* removeAgain(
  store: Store,
  settings: RetrySettings,
  call: TriedCall,
  refs: AsyncIterable<KeyRef>,
  options: CallOptions | undefined,
): AsyncGenerator<Removal> {
  const source = new Refs(refs)
  let tries = new Tries(settings, call)
  let pending: readonly Pending[] = []
  try {
    while (pending.length > 0 || !source.ended) {
      tries.begin()
      const pass = new Pass(settings.retries, source, pending)
      yield* pass.run(store, options, tries)
      pending = pass.pending
      if (!pass.error) break
      try {
        await tries.failed(pass.error)
      } catch (error) {
        if (pending.length === 0 || call.signal?.aborted) throw error
        for (const { ref } of pending) yield failed(ref.key, asHawserError(error, call))
        pending = []
        tries = new Tries(settings, call)
      }
    }
    tries.succeeded()
  } finally {
    await source.close()
  }
}

/** The caller's refs, which outlive the passes. */
class Refs {
  readonly #iterator: AsyncIterator<KeyRef>
  #ended = false
  #failure: { readonly error: unknown } | undefined

  constructor(refs: AsyncIterable<KeyRef>) {
    this.#iterator = refs[Symbol.asyncIterator]()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** What the refs themselves threw: no failure of the store. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  async next(): Promise<KeyRef | undefined> {
    if (this.#ended) return undefined
    try {
      const result = await this.#iterator.next()
      if (!result.done) return result.value
      this.#ended = true
      return undefined
    } catch (error) {
      this.#ended = true
      this.#failure = { error }
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#iterator.return?.()
  }
}

/** One call of the store's remove. */
class Pass {
  /** What to try again. */
  pending: Pending[] = []
  /** Why there is something to try again: the failure that asks for the longest wait. */
  error: HawserError | undefined
  readonly #retries: number
  readonly #source: Refs
  readonly #carried: Iterator<Pending>
  readonly #unanswered = new Map<Key, Pending[]>()

  constructor(retries: number, source: Refs, carried: readonly Pending[]) {
    this.#retries = retries
    this.#source = source
    this.#carried = carried.values()
  }

  async *run(
    store: Store,
    options: CallOptions | undefined,
    tries: Tries,
  ): AsyncGenerator<Removal, void, undefined> {
    const feed = this.#feed()
    let thrown: HawserError | undefined
    try {
      for await (const removal of store.remove(feed, options)) {
        const ref = this.#answered(removal.key)
        const error = laterError(removal.error)
        if (!error || !ref) {
          tries.progressed()
          yield removal
        } else yield* this.#postpone(ref, error)
      }
    } catch (error) {
      if (this.#source.failure) throw this.#source.failure.error
      thrown = laterError(error)
      if (!thrown) throw error
      this.#note(thrown)
    }
    // Waits for a ref that is still on its way into the feed, so that none is lost between two passes.
    await feed.return()
    for (const ref of [...this.#unanswered.values()].flat())
      yield* this.#postpone(ref, thrown ?? unanswered(ref.ref.key, store))
    // What the store did not ask for has not failed, unless it ended without.
    for (let next = this.#carried.next(); !next.done; next = this.#carried.next())
      if (thrown) this.pending.push(next.value)
      else yield* this.#postpone(next.value, unanswered(next.value.ref.key, store))
  }

  async *#feed(): AsyncGenerator<KeyRef, void, undefined> {
    for (let next = this.#carried.next(); !next.done; next = this.#carried.next()) {
      this.#expect(next.value)
      yield next.value.ref
    }
    while (this.pending.length < most) {
      const ref = await this.#source.next()
      if (!ref) return
      this.#expect({ ref, failures: 0 })
      yield ref
    }
  }

  #expect(pending: Pending): void {
    const same = this.#unanswered.get(pending.ref.key)
    if (same) same.push(pending)
    else this.#unanswered.set(pending.ref.key, [pending])
  }

  #answered(key: Key): Pending | undefined {
    const same = this.#unanswered.get(key)
    const first = same?.shift()
    if (same?.length === 0) this.#unanswered.delete(key)
    return first
  }

  *#postpone({ ref, failures }: Pending, error: HawserError): Generator<Removal, void, undefined> {
    if (failures >= this.#retries) yield failed(ref.key, error)
    else {
      this.pending.push({ ref, failures: failures + 1 })
      this.#note(error)
    }
  }

  #note(error: HawserError): void {
    if (!this.error || (error.retryAfter ?? 0) > (this.error.retryAfter ?? 0)) this.error = error
  }
}

function failed(key: Key, error: HawserError): Removal {
  return { key, error: error.with({ key, retry: 'exhausted' }) }
}

function laterError(error: unknown): HawserError | undefined {
  return isHawserError(error) && error.retry === 'later' ? error : undefined
}

function unanswered(key: Key, store: Store): HawserError {
  const message = 'the store did not say whether the object was removed'
  return new HawserError('unavailable', message, {
    op: 'remove',
    location: store.location,
    key,
    retry: 'later',
  })
}
