// Whether bytes that come are the chunks that a signature tells of.
import { HawserError } from '../../core/errors.ts'
import type { SeenObject } from '../../core/work.ts'
import { chunkAt, type Chunks, digestSize } from '../../delta/chunks.ts'
import { Blake3 } from '../../kernels/blake3.ts'
import type { PartCheck } from '../context.ts'

/** Of bytes that begin at this offset, where a chunk begins. Each chunk is checked with its last byte. */
export function chunkCheck(from: SeenObject, chunks: Chunks, offset: number): PartCheck {
  const blake3 = new Blake3()
  let chunk = chunkAt(chunks, offset)
  let at = offset
  return (bytes) => {
    for (let rest = bytes; rest.length > 0;) {
      const end = chunks.ends[chunk] ?? Infinity
      const piece = rest.subarray(0, end - at)
      blake3.update(piece)
      rest = rest.subarray(piece.length)
      at += piece.length
      if (at === end) compare(chunk++)
    }
  }

  function compare(index: number): void {
    const expected = chunks.digests.subarray(index * digestSize, (index + 1) * digestSize)
    if (Buffer.compare(blake3.digest(), expected) === 0) return
    throw new HawserError('integrity', 'the bytes received are not those of the signature', {
      op: 'verify',
      location: from.location,
      key: from.key,
    })
  }
}
