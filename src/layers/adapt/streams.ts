// Streams that lend their place to others while nothing can go on.
import { bodySize, readBody } from '../../core/body.ts'
import type { Body, KeyRef } from '../../core/store.ts'
import type { RequestPlace } from './place.ts'

/** Bytes that arrive; the place rests while nobody asks for them. */
export async function* flowing(
  chunks: AsyncIterable<Uint8Array>,
  place: RequestPlace,
): AsyncGenerator<Uint8Array, void, undefined> {
  place.resume()
  try {
    for await (const chunk of chunks) {
      place.rest()
      yield chunk
      place.resume()
    }
    place.leave('succeeded')
  } catch (error) {
    place.failed(error)
    throw error
  } finally {
    place.leave(undefined)
  }
}

/** A body that is sent; the place rests while its source gives nothing. */
export function fed(body: Body, place: RequestPlace): Body {
  if (body instanceof Uint8Array) return body
  return {
    size: bodySize(body),
    async *open(range) {
      place.rest()
      for await (const chunk of readBody(body, range)) {
        place.resume()
        yield chunk
        place.rest()
      }
      place.resume()
    },
  }
}

/** Refs that are waited for without a place. */
export async function* pausing(
  refs: AsyncIterable<KeyRef>,
  place: RequestPlace,
): AsyncGenerator<KeyRef, void, undefined> {
  place.pause()
  for await (const ref of refs) {
    place.resume()
    yield ref
    place.pause()
  }
  place.resume()
}
