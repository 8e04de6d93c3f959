// Signatures: what an object is made of, as facts or as lines of JSON.
import { digestSize } from '../../delta/chunks.ts'
import type { Signature } from '../../delta/signature/types.ts'
import type { FoundSignature } from '../command.ts'
import { factLines, sizeFact } from './facts.ts'
import { formatBytes, formatCount } from './format.ts'
import { jsonLine } from './records.ts'

export function signatureLines(found: FoundSignature): string {
  const { address, signature, stored } = found
  const { size, etag, version, crc64nvme, average, chunks } = signature
  return factLines([
    ['address', address],
    ['signature', `${origins[found.from]}, ${formatBytes(stored)}`],
    ['state', found.isFresh ? 'fresh' : 'stale: the object is not the one that it was made of'],
    ['size', sizeFact(size)],
    ['etag', etag],
    ['version', version],
    ['crc64nvme', hexOf(crc64nvme)],
    ['average', formatBytes(average)],
    ['chunks', formatCount(chunks.count)],
    ...distribution(signature).map(
      ({ upTo, chunks: count }) =>
        [`up to ${formatBytes(upTo)}`, share(count, chunks.count)] as const,
    ),
  ])
}

const origins: Readonly<Record<FoundSignature['from'], string>> = {
  bytes: 'made now',
  machine: 'kept on this machine',
  store: 'kept beside the object',
}

/** The signature, and each chunk where that is wanted. */
export function* signatureRecords(
  { address, signature, from, isFresh, stored }: FoundSignature,
  withChunks: boolean,
): Generator<string> {
  const { size, etag, version, crc64nvme, average, chunks } = signature
  yield jsonLine({
    type: 'signature',
    address,
    from,
    fresh: isFresh,
    stored,
    size,
    etag,
    version,
    crc64nvme: hexOf(crc64nvme),
    average,
    chunks: chunks.count,
    sizes: distribution(signature),
  })
  if (withChunks)
    for (const chunk of chunksOf(signature)) yield jsonLine({ type: 'chunk', ...chunk })
}

/** `          0    1048576  af1349b9…`: where it begins, its size, its digest. */
export function* chunkLines({ signature }: FoundSignature): Generator<string> {
  for (const { offset, size, blake3 } of chunksOf(signature))
    yield `${String(offset).padStart(13)}  ${String(size).padStart(9)}  ${blake3}`
}

interface ShownChunk {
  readonly offset: number
  readonly size: number
  readonly blake3: string
}

function* chunksOf({ chunks: { count, ends, digests } }: Signature): Generator<ShownChunk> {
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.length)
  let offset = 0
  for (const [i, end] of ends.subarray(0, count).entries()) {
    const blake3 = bytes.toString('hex', i * digestSize, (i + 1) * digestSize)
    yield { offset, size: end - offset, blake3 }
    offset = end
  }
}

interface SizeClass {
  readonly upTo: number
  readonly chunks: number
}

/** How many chunks have at most that size, and more than that of the class before. Without classes that have none. */
function distribution({ average, chunks: { count, ends } }: Signature): SizeClass[] {
  const limits = [average / 4, average / 2, average, average * 2, average * 4]
  const counts = limits.map(() => 0)
  let start = 0
  for (const end of ends.subarray(0, count)) {
    const found = limits.findIndex((limit) => end - start <= limit)
    counts[found] = (counts[found] ?? 0) + 1
    start = end
  }
  return limits
    .map((upTo, i) => ({ upTo, chunks: counts[i] ?? 0 }))
    .filter(({ chunks }) => chunks > 0)
}

function share(part: number, whole: number): string {
  return `${formatCount(part)} (${Math.round((100 * part) / whole)} %)`
}

function hexOf(digest: bigint): string {
  return digest.toString(16).padStart(16, '0')
}
