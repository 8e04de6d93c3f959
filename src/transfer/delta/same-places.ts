// Which parts of an object a file has at the same places, by the checksums that the object's store keeps of them.
import type { ObjectPart, Range } from '../../core/store.ts'
import type { SeenObject } from '../../core/work.ts'
import { createHasher } from '../../kernels/checksums.ts'
import type { SourceContext } from '../context.ts'
import { evenPlan } from '../parts.ts'
import { forEachConcurrent } from '../semaphore.ts'
import { readPlanned } from '../source.ts'

export interface CheckedPart extends ObjectPart {
  readonly checksum: NonNullable<ObjectPart['checksum']>
}

interface PlacedPart extends Range, Pick<CheckedPart, 'checksum'> {}

/** While none of so many, spread over the object, is the same, the others are not read. */
const samples = 8
/** While one is computed, the next one is read. */
const partsAtOnce = 2
const pieceSize = 4 * 2 ** 20

/**
 * In order.
 * @param parts all parts of the object
 * @throws HawserError conflict (marked by changedObject) where the source is no longer what was planned
 */
export async function samePlaces(
  from: SeenObject,
  parts: readonly CheckedPart[],
  context: SourceContext,
  onScanned: (bytes: number) => void,
): Promise<Range[]> {
  const within = placed(parts).filter(({ start, end }) => start < end && end <= from.size)
  const step = Math.ceil(within.length / samples)
  const same: Range[] = []
  let scanned = 0
  const compare = async (part: PlacedPart): Promise<void> => {
    if (await hasChecksum(from, part, context)) same.push(part)
    onScanned((scanned += part.end - part.start))
  }
  for (let first = 0; first < step; first++) {
    await forEachConcurrent(everyNth(within, first, step), partsAtOnce, compare)
    if (same.length === 0) break
  }
  return same.toSorted((a, b) => a.start - b.start)
}

function placed(parts: readonly CheckedPart[]): PlacedPart[] {
  let end = 0
  return parts.map(({ size, checksum }) => {
    const start = end
    end += size
    return { start, end, checksum }
  })
}

function* everyNth<T>(items: readonly T[], first: number, step: number): Generator<T> {
  for (const [i, item] of items.entries()) if (i % step === first) yield item
}

async function hasChecksum(
  from: SeenObject,
  { start, end, checksum: { algorithm, value } }: PlacedPart,
  context: SourceContext,
): Promise<boolean> {
  const hasher = createHasher(algorithm)
  const largest = Math.min(pieceSize, context.buffers.largest)
  for (const { offset, size } of evenPlan(end - start, largest).parts) {
    using buffer = await context.buffers.acquire(size, context.signal)
    await readPlanned(from, buffer.bytes, start + offset, context)
    hasher.update(buffer.bytes)
  }
  return hasher.digest().toString('base64') === value
}
