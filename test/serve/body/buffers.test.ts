import { expect, test, vi } from 'vitest'
import { pieceSize, usedBuffers } from '../../../src/serve/body/buffers.ts'
import { PieceSource } from '../../../src/serve/body/source.ts'
import { verifiedBody } from '../../../src/serve/body/verified.ts'
import type { IncomingBody } from '../../../src/serve/body/types.ts'

/** Of so many pieces, the last of which are not sent. */
function body(
  sent: AsyncIterable<Uint8Array>,
  pieces: number,
  judge = (): void => {},
): IncomingBody {
  return verifiedBody({
    size: pieces * pieceSize,
    algorithm: 'CRC64NVME',
    algorithms: new Set(),
    source: () => new PieceSource(sent),
    judge,
  })
}

async function* someBytes(pieces: number): AsyncGenerator<Uint8Array> {
  for (let left = pieces * 8; left > 0; left--) yield new Uint8Array(pieceSize / 8)
}

/** How many pieces came. */
async function read(one: IncomingBody, most = Infinity): Promise<number> {
  let pieces = 0
  for await (const bytes of one.open()) {
    expect(bytes.length).toBe(pieceSize)
    if (++pieces === most) break
  }
  return pieces
}

function refuse(): never {
  throw new Error('refused')
}

test('a body whose client is silent holds one buffer', async () => {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  async function* stalled(): AsyncGenerator<Uint8Array> {
    yield* someBytes(5)
    yield new Uint8Array(1)
    await silence
  }
  const before = usedBuffers()
  const bytes = body(stalled(), 8).open()[Symbol.asyncIterator]()
  for (let piece = 0; piece < 5; piece++) await bytes.next()
  const next = bytes.next()
  await vi.waitFor(() => expect(usedBuffers() - before).toBe(1))
  reject(new Error('gone'))
  await expect(next).rejects.toThrow('gone')
  await vi.waitFor(() => expect(usedBuffers()).toBe(before))
})

test('every buffer is given back, however a body ends', async () => {
  const before = usedBuffers()
  const ends = await Promise.allSettled([
    read(body(someBytes(5), 5)),
    read(body(someBytes(5), 5), 1),
    read(body(someBytes(5), 5), 4),
    read(body(someBytes(4), 5)),
    read(body(someBytes(6), 5)),
    read(body(someBytes(5), 5, refuse)),
  ])
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason)))).toEqual([
    5,
    1,
    4,
    expect.stringContaining('S3Error'),
    expect.stringContaining('S3Error'),
    'Error: refused',
  ])
  await vi.waitFor(() => expect(usedBuffers()).toBe(before))
})

test('many bodies at once have one buffer each', async () => {
  const before = usedBuffers()
  const bodies = Array.from({ length: 100 }, () => body(someBytes(4), 4))
  let most = 0
  await Promise.all(
    bodies.map(async (one) => {
      for await (const bytes of one.open()) {
        expect(bytes.length).toBe(pieceSize)
        most = Math.max(most, usedBuffers() - before)
      }
    }),
  )
  expect(most).toBe(100)
  await vi.waitFor(() => expect(usedBuffers()).toBe(before))
})
