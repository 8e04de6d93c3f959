// Bodies: bytes in memory and sources, read alike.
import type { Body, ObjectBody, ObjectInfo, Range } from './store.ts'

export function bodySize(body: Body): number {
  return body instanceof Uint8Array ? body.length : body.size
}

/** The bytes of the body, or a range of them. A source is opened once, at the first pull. */
export async function* readBody(body: Body, range?: Range): AsyncGenerator<Uint8Array> {
  const { start, end } = range ?? { start: 0, end: bodySize(body) }
  if (body instanceof Uint8Array) yield body.subarray(start, end)
  else yield* body.open({ start, end })
}

/**
 * A body whose bytes come from `stream`. Who leaves it before its first byte, which a generator does not hear of, frees
 * what it holds with `drop`.
 */
export function objectBody(
  info: ObjectInfo,
  stream: () => AsyncGenerator<Uint8Array, void, undefined>,
  drop: () => void | Promise<void>,
): ObjectBody {
  return {
    info,
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
      const generator = stream()
      let started = false
      return {
        next() {
          started = true
          return generator.next()
        },
        async return() {
          if (!started) await drop()
          return generator.return()
        },
      }
    },
  }
}
