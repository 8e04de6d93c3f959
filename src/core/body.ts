// Bodies: bytes in memory and sources, read alike.
import type { Body, Range } from './store.ts'

export function bodySize(body: Body): number {
  return body instanceof Uint8Array ? body.length : body.size
}

/** The bytes of the body, or a range of them. A source is opened once, at the first pull. */
export async function* readBody(body: Body, range?: Range): AsyncGenerator<Uint8Array> {
  const { start, end } = range ?? { start: 0, end: bodySize(body) }
  if (body instanceof Uint8Array) yield body.subarray(start, end)
  else yield* body.open({ start, end })
}
