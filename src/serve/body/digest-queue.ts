// What is asked of the thread that computes digests. The MD5s of several bodies take hardly longer than that of one, so
// bytes wait for those of other bodies, but never longer than their own body can do without an answer.
import { md5Lanes } from '../../kernels/md5.ts'
import { BodyHasher } from './digests.ts'
import type { Reply, Request } from './digest-thread.ts'

/** Bytes of each body in one go. Between two of them, others may join. */
const sliceSize = 256 * 1024

interface Body {
  readonly id: number
  readonly hasher: BodyHasher
  /** What is not answered yet, the oldest first: bytes to be digested, or the digests. */
  readonly asked: (Uint8Array | 'digest')[]
  /** How many bytes of the first are digested. */
  done: number
}

export class DigestQueue {
  readonly #reply: (reply: Reply) => void
  readonly #bodies = new Map<number, Body>()
  /** Those that have bytes to be digested, the one that has waited longest first. */
  #waiting: Body[] = []

  constructor(reply: (reply: Reply) => void) {
    this.#reply = reply
  }

  take(request: Request): void {
    const id = request.body
    if (request.do === 'begin') {
      const hasher = new BodyHasher(request.algorithms)
      this.#bodies.set(id, { id, hasher, asked: [], done: 0 })
      return
    }
    const body = this.#bodies.get(id)
    if (!body) return
    if (request.do === 'forget') {
      this.#bodies.delete(id)
      this.#waiting = this.#waiting.filter((one) => one !== body)
      return
    }
    body.asked.push(request.do === 'update' ? request.bytes : 'digest')
    if (body.asked.length === 1) this.#begin(body)
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether something waits that should wait no longer: nobody else could join, or its body has asked for more. */
  get isRipe(): boolean {
    const most = Math.min(this.#bodies.size, md5Lanes)
    return (
      this.isWaiting &&
      (this.#waiting.length >= most || this.#waiting.some((body) => body.asked.length > 1))
    )
  }

  /** Digests some of the bytes that wait. */
  advance(): void {
    const together = this.#waiting.slice(0, md5Lanes)
    const size = Math.min(sliceSize, ...together.map((body) => bytesOf(body).length - body.done))
    BodyHasher.updateAll(
      together.map((body) => [body.hasher, bytesOf(body).subarray(body.done, body.done + size)]),
    )
    for (const body of together) body.done += size
    const ended = new Set(together.filter((body) => body.done === bytesOf(body).length))
    this.#waiting = this.#waiting.filter((body) => !ended.has(body))
    for (const body of ended) {
      body.asked.shift()
      body.done = 0
      this.#reply({ body: body.id, computed: undefined })
      if (body.asked.length > 0) this.#begin(body)
    }
  }

  /** With the first that the body has asked. */
  #begin(body: Body): void {
    if (body.asked[0] !== 'digest') {
      this.#waiting.push(body)
      return
    }
    this.#bodies.delete(body.id)
    this.#reply({ body: body.id, computed: body.hasher.digest() })
  }
}

/** Those that are to be digested first. */
function bytesOf({ asked: [first] }: Body): Uint8Array {
  return first instanceof Uint8Array ? first : new Uint8Array()
}
