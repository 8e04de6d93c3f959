// Objects that hold a file in compressed form: what marks them, and reading the file out of them.
import type { Uncompressed } from '../../core/attributes.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import type { CallOptions, ObjectInfo, Range, Store } from '../../core/store.ts'
import type { Key } from '../../core/key.ts'
import type { ObjectRef } from '../../core/work.ts'
import { Crc64Nvme } from '../../kernels/crc64nvme.ts'
import { type Coding, codings, decompressed } from './codings.ts'

/** What the object holds: a file of this size and checksum, in this coding. */
export interface CompressedForm extends Uncompressed {
  readonly coding: Coding
}

/** By its Content-Encoding and the marker together; undefined for all else, whose bytes are what they are. */
export function compressedForm({
  attributes: { uncompressed },
  properties,
}: Pick<ObjectInfo, 'attributes' | 'properties'>): CompressedForm | undefined {
  const named = properties?.contentEncoding?.trim().toLowerCase()
  const coding = codings.find((known) => known === named)
  return coding && uncompressed && { coding, ...uncompressed }
}

/**
 * The bytes of the file. What is longer than the marker says is not read on.
 * @param at the object, for what is told of it
 * @throws HawserError integrity, at the latest before its end, where they are not those that the marker tells of
 */
export async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  { coding, size, crc64nvme }: CompressedForm,
  at: ObjectRef,
): AsyncGenerator<Uint8Array> {
  const crc = new Crc64Nvme()
  let left = size
  try {
    for await (const chunk of decompressed(coding, bytes)) {
      left -= chunk.length
      if (left < 0) throw damaged(at, `holds more than the ${size} bytes of its file`)
      crc.update(chunk)
      if (left === 0 && crc.digest() !== crc64nvme) break
      yield chunk
    }
  } catch (error) {
    throw isHawserError(error) ? error : damaged(at, `is no ${coding} of a file`, error)
  }
  if (left > 0) throw damaged(at, `holds less than the ${size} bytes of its file`)
  if (crc.digest() !== crc64nvme)
    throw damaged(at, 'does not hold the file whose CRC64NVME it has in its metadata')
}

/** As a store's `read`, of what the object holds: of a compressed form the file, in which the range is then meant. */
export async function* readOriginal(
  store: Store,
  key: Key,
  info: ObjectInfo,
  call: CallOptions,
  range?: Range,
): AsyncGenerator<Uint8Array> {
  const form = compressedForm(info)
  const ifMatch = info.etag
  if (!form) {
    yield* await store.read(key, { ...call, range, ifMatch })
    return
  }
  const body = await store.read(key, { ...call, ifMatch })
  const file = decoded(body, form, { location: store.location, key })
  yield* range ? within(file, range) : file
}

/** Leaves the stream where the range ends. */
export async function* within(
  bytes: AsyncIterable<Uint8Array>,
  { start, end }: Range,
): AsyncGenerator<Uint8Array> {
  let position = 0
  if (end <= start) return
  for await (const chunk of bytes) {
    const from = Math.max(0, start - position)
    const piece = chunk.subarray(from, Math.max(from, end - position))
    position += chunk.length
    if (piece.length > 0) yield piece
    if (position >= end) return
  }
}

function damaged({ location, key }: ObjectRef, why: string, cause?: unknown): HawserError {
  return new HawserError('integrity', `the compressed object ${why}`, {
    op: 'decompress',
    location,
    key,
    retry: 'never',
    hint: 'It is damaged, or its metadata is of another one. The destination was left as it was.',
    cause,
  })
}
