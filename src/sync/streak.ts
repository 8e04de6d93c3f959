// Failures of one kind, one after the other, with nothing done in between: what fails for all objects alike, because the
// service refuses what is asked of it or cannot be reached, would fail for the rest as well.
import type { ErrorCode, HawserError } from '../core/errors.ts'

/** So many of them end a run. */
export const longestStreak = 100

/** What a service says of a request, whichever object it is about. */
const ofRequests: ReadonlySet<ErrorCode> = new Set([
  'permission-denied',
  'unauthenticated',
  'unsupported',
  'invalid-argument',
  'rate-limited',
  'unavailable',
  'timeout',
])
const ofAll: ReadonlySet<ErrorCode> = new Set(['offline', 'no-space'])

export class Streak {
  #kind: string | undefined
  #length = 0
  #last: HawserError | undefined

  failed(error: HawserError): void {
    const { code, status } = error
    const isCommon = ofAll.has(code) || (status !== undefined && ofRequests.has(code))
    const kind = isCommon ? `${code} ${status}` : undefined
    this.#length = kind !== undefined && kind === this.#kind ? this.#length + 1 : 1
    this.#kind = kind
    this.#last = error
  }

  succeeded(): void {
    // What is under way when a run has been ended changes nothing of that.
    if (!this.cause) this.#kind = undefined
  }

  /** The last of the failures, once they are too many. */
  get cause(): HawserError | undefined {
    return this.#kind !== undefined && this.#length >= longestStreak ? this.#last : undefined
  }
}
