// Streams one after the other, of which the next few are begun while one is read.

const mostBegun = 8
/** What may wait behind a stream that is read. */
const mostWaiting = 1000

/** Whether a stream is read now. One that is only begun begins no others, so that few are under way at any depth. */
export class Turn {
  readonly #above: Turn | undefined
  #come = false

  constructor(above?: Turn) {
    this.#above = above
  }

  get come(): boolean {
    return this.#come && (this.#above?.come ?? true)
  }

  take(): this {
    this.#come = true
    return this
  }
}

/** An item, or what opens a stream that comes in its place. */
export type Part<T> = { readonly item: T } | { readonly open: (turn: Turn) => AsyncIterable<T> }

/**
 * All that the parts stand for, in their order. Of streams whose turn has not come the first item is asked for. A
 * failure is thrown in its turn. Who stops waits for what is under way.
 */
export async function* inTurn<T>(parts: AsyncGenerator<Part<T>>, turn: Turn): AsyncGenerator<T> {
  const ahead = new Ahead(parts, turn)
  try {
    for (let part = await ahead.take(); part; part = await ahead.take()) {
      if (part instanceof Begun) yield* part.items()
      else yield part.item
    }
  } finally {
    await ahead.stop()
  }
}

type Waiting<T> = { readonly item: T } | { readonly error: unknown } | Begun<T>

class Ahead<T> {
  readonly #parts: AsyncGenerator<Part<T>>
  readonly #turn: Turn
  readonly #waiting: Waiting<T>[] = []
  #current: Begun<T> | undefined
  #begun = 0
  #ended = false

  constructor(parts: AsyncGenerator<Part<T>>, turn: Turn) {
    this.#parts = parts
    this.#turn = turn
  }

  /** Undefined at the end. */
  async take(): Promise<{ readonly item: T } | Begun<T> | undefined> {
    if (this.#waiting.length === 0) await this.#next()
    const part = this.#waiting.shift()
    if (part && 'error' in part) throw part.error
    if (!(part instanceof Begun)) return part
    this.#current = part
    this.#begun--
    while (this.#mayBegin()) await this.#next()
    return part
  }

  async stop(): Promise<void> {
    const begun = [...this.#waiting, this.#current].filter((part) => part instanceof Begun)
    await Promise.all(begun.map((one) => one.stop()))
    await this.#parts.return(undefined)
  }

  #mayBegin(): boolean {
    const room = this.#begun < mostBegun && this.#waiting.length < mostWaiting
    return room && !this.#ended && this.#turn.come
  }

  async #next(): Promise<void> {
    if (this.#ended) return
    try {
      const { done, value } = await this.#parts.next()
      if (done) this.#ended = true
      else if ('item' in value) this.#waiting.push(value)
      else {
        this.#begun++
        this.#waiting.push(new Begun(value.open, this.#turn))
      }
    } catch (error) {
      this.#ended = true
      this.#waiting.push({ error })
    }
  }
}

class Begun<T> {
  readonly #turn: Turn
  readonly #items: AsyncIterator<T>
  readonly #first: Promise<IteratorResult<T>>

  constructor(open: (turn: Turn) => AsyncIterable<T>, above: Turn) {
    this.#turn = new Turn(above)
    this.#items = open(this.#turn)[Symbol.asyncIterator]()
    this.#first = this.#items.next()
    // It is thrown when it is read.
    this.#first.catch(() => {})
  }

  async *items(): AsyncGenerator<T> {
    this.#turn.take()
    for (let next = await this.#first; !next.done; next = await this.#items.next()) yield next.value
  }

  async stop(): Promise<void> {
    await this.#items.return?.()
  }
}
