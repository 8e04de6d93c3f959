// What a run has found out of its destination's service: whether it confirms what it was sent.

/** How an object comes to be: in one request, of parts that are sent, or also of parts that the service copies. */
export type Way = 'whole' | 'parts' | 'stitch'

export class Proofs {
  readonly #confirms = new Map<Way, boolean>()

  /** Undefined where nothing was written that way yet. */
  confirms(way: Way): boolean | undefined {
    return this.#confirms.get(way)
  }

  /** A service that once gave no checksum is not counted on for another one. */
  note(way: Way, confirmed: boolean): void {
    this.#confirms.set(way, confirmed && this.#confirms.get(way) !== false)
  }
}
