// How much of an object has arrived: its finished parts, and of those under way what their meters were told.
import type { Meter } from '../core/meter.ts'
import type { FinishingStep } from '../core/events.ts'
import type { OnProgress, Reached } from './context.ts'

/** Bytes between two reports of one object. */
const reportStep = 1024 * 1024

export class Progress {
  readonly #onProgress: OnProgress
  readonly #saved: number
  readonly #moving = new Map<number, number>()
  #arrived = 0
  #held = 0
  /** Less than nothing, so that an empty object is told too. */
  #told = -1

  /** @param saved bytes of the object that the destination has */
  constructor(onProgress: OnProgress, saved = 0) {
    this.#onProgress = onProgress
    this.#saved = saved
  }

  /** The part is at the destination. */
  arrived(part: number, size: number): void {
    this.#moving.delete(part)
    this.#arrived += size
    this.#tell(0)
  }

  /** The part is at the destination, which had its bytes before. */
  held(part: number, size: number): void {
    this.#held += size
    this.arrived(part, size)
  }

  /**
   * A meter for the requests of one part, which tells `outer` too. What is sent again after a failure does not count
   * twice, and of what passes from one service to another the direction that is further counts.
   */
  meter(part: number, size: number, outer: Meter | undefined): Meter {
    let sent = 0
    let received = 0
    const moved = (): void => {
      const before = this.#moving.get(part) ?? 0
      this.#moving.set(part, Math.max(before, Math.min(size, Math.max(sent, received))))
      this.#tell(reportStep)
    }
    return {
      request: (kind) => outer?.request(kind),
      sent: (bytes) => {
        outer?.sent(bytes)
        sent += bytes
        moved()
      },
      received: (bytes) => {
        outer?.received(bytes)
        received += bytes
        moved()
      },
    }
  }

  /** All parts are at the destination. */
  finish(step: FinishingStep): void {
    this.#onProgress(this.#arrived, { ...this.#reached(this.#arrived), step })
  }

  #tell(atLeast: number): void {
    let done = this.#arrived
    for (const bytes of this.#moving.values()) done += bytes
    if (done - this.#told < Math.max(atLeast, 1)) return
    this.#told = done
    this.#onProgress(done, this.#reached(done))
  }

  #reached(done: number): Reached {
    return { sent: done - this.#held, saved: this.#saved }
  }
}
