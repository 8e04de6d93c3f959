// The bytes of objects as commands show them: of one that holds a file in compressed form, those of the file.
import type { Place } from '../core/place.ts'
import type { CallOptions, ObjectBody, Range } from '../core/store.ts'
import { compressedForm, decoded, readOriginal } from '../transfer/compress/form.ts'

/** In one request. */
export async function* originalOf(
  { store, prefix }: Place,
  call: CallOptions,
): AsyncGenerator<Uint8Array> {
  const body = await store.read(prefix, call)
  const form = compressedForm(body.info)
  yield* form ? decoded(body, form, { location: store.location, key: prefix }) : body
}

/**
 * All of the file that an object holds in compressed form, the first bytes of which have been asked for; undefined for
 * another object.
 */
export function restOfOriginal(
  { store, prefix }: Place,
  body: ObjectBody,
  asked: Range,
  call: CallOptions,
): AsyncIterable<Uint8Array> | undefined {
  const form = compressedForm(body.info)
  if (!form) return undefined
  const at = { location: store.location, key: prefix }
  if (asked.start === 0 && body.info.size <= asked.end) return decoded(body, form, at)
  return after(body, readOriginal(store, prefix, body.info, call))
}

/** The first one is left, which frees its connection. */
async function* after(
  left: AsyncIterable<unknown>,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const _ of left) break
  yield* bytes
}
