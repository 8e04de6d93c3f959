// What a run has found out of its destination's service: whether it confirms what it was sent.
import type { ObjectInfo, Store } from '../core/store.ts'
import { Semaphore } from './semaphore.ts'

/** How an object comes to be: in one request, of parts that are sent, or also of parts that the service copies. */
export type Way = 'whole' | 'parts' | 'stitch'

export class Proofs {
  readonly #confirms = new Map<Way, boolean>()
  readonly #turns = { whole: new Semaphore(1), parts: new Semaphore(1), stitch: new Semaphore(1) }

  /** Undefined where nothing was written that way yet. */
  confirms(way: Way): boolean | undefined {
    return this.#confirms.get(way)
  }

  /** A service that once gave no checksum is not counted on for another one. */
  note(way: Way, confirmed: boolean): void {
    this.#confirms.set(way, confirmed && this.#confirms.get(way) !== false)
  }

  /** While it is not known, one object at a time finds it out; once it is, the others go side by side. */
  async inTurn<T>(way: Way, signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> {
    if (this.confirms(way) !== undefined) return task()
    const turn = this.#turns[way]
    await turn.acquire(1, signal)
    try {
      if (this.confirms(way) === undefined) return await task()
    } finally {
      turn.release()
    }
    return task()
  }
}

/** Whether a service probably confirms what it is sent, as far as an object that it has shows: most do. */
export function probablyConfirms({ traits }: Store, there: ObjectInfo | undefined): boolean {
  if (there?.etag === undefined || there.crc64nvme !== undefined) return true
  return traits.etagIsMd5 && /^"?[0-9a-f]{32}(-\d+)?"?$/.test(there.etag)
}
