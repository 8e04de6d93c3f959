import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DigestQueue } from '../../../src/serve/body/digest-queue.ts'
import type { Reply } from '../../../src/serve/body/digest-thread.ts'
import { computeOnce } from '../../../src/serve/body/digests.ts'
import type { ChecksumAlgorithm } from '../../../src/serve/body/types.ts'
import { someBytes } from '../../kernels/crc32-suite.ts'

const input = new Uint8Array(new SharedArrayBuffer(1 << 20))
input.set(someBytes(input.length))
const algorithms: ChecksumAlgorithm[] = ['CRC32', 'SHA256']

interface Started {
  readonly queue: DigestQueue
  readonly replies: Reply[]
  readonly begin: (...bodies: number[]) => void
  readonly update: (body: number, size: number) => void
  readonly digest: (body: number) => void
}

function start(): Started {
  const replies: Reply[] = []
  const queue = new DigestQueue((reply) => replies.push(reply))
  return {
    queue,
    replies,
    begin: (...bodies) => {
      for (const body of bodies) queue.take({ do: 'begin', body, algorithms })
    },
    update: (body, size) => queue.take({ do: 'update', body, bytes: input.subarray(0, size) }),
    digest: (body) => queue.take({ do: 'digest', body }),
  }
}

function advanceWhileRipe(queue: DigestQueue): void {
  while (queue.isRipe) queue.advance()
}

describe('bytes are ripe', () => {
  test('at once, where their body is the only one', () => {
    const { queue, replies, begin, update } = start()
    begin(1)
    expect(queue.isRipe).toBe(false)
    update(1, 1000)
    expect(queue.isRipe).toBe(true)
    advanceWhileRipe(queue)
    expect(replies).toEqual([{ body: 1, computed: undefined }])
  })

  test('when every body has some', () => {
    const { queue, replies, begin, update } = start()
    begin(1, 2, 3)
    update(3, 1000)
    update(1, 1000)
    expect(queue.isRipe).toBe(false)
    update(2, 1000)
    advanceWhileRipe(queue)
    expect(replies.map(({ body }) => body)).toEqual([3, 1, 2])
  })

  test('when there are as many as can advance together', () => {
    const { queue, replies, begin, update } = start()
    begin(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    for (const body of [1, 2, 3, 4, 5, 6, 7]) update(body, 1000)
    expect(queue.isRipe).toBe(false)
    update(9, 1000)
    advanceWhileRipe(queue)
    expect(replies.length).toBe(8)
  })

  test.each(['update', 'digest'] as const)('when their body asks for an %s more', (more) => {
    const { queue, replies, begin, update, digest } = start()
    begin(1, 2)
    update(1, 1000)
    expect(queue.isRipe).toBe(false)
    if (more === 'update') update(1, 500)
    else digest(1)
    advanceWhileRipe(queue)
    expect(replies[0]).toEqual({ body: 1, computed: undefined })
    expect(queue.isWaiting).toBe(more === 'update')
  })

  test('when the others are forgotten', () => {
    const { queue, begin, update } = start()
    begin(1, 2)
    update(1, 1000)
    queue.take({ do: 'forget', body: 2 })
    expect(queue.isRipe).toBe(true)
    queue.take({ do: 'forget', body: 1 })
    expect(queue.isWaiting).toBe(false)
  })
})

test('every body has its own digests, and its answers in order', () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ body: fc.nat(9), size: fc.oneof(fc.nat(300), fc.nat(400_000)) }),
    },
    { weight: 2, arbitrary: fc.constant('advance' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { queue, replies, begin, update, digest } = start()
      const bodies = Array.from({ length: 10 }, (): number[] => [])
      begin(...bodies.keys())
      for (const one of steps) {
        if (one !== 'advance') {
          bodies[one.body]?.push(one.size)
          update(one.body, one.size)
        } else if (queue.isWaiting) queue.advance()
      }
      for (const body of bodies.keys()) digest(body)
      while (queue.isWaiting) queue.advance()
      for (const [body, sizes] of bodies.entries()) {
        const bytes = Buffer.concat(sizes.map((size) => input.subarray(0, size)))
        const answers = replies.filter((reply) => reply.body === body)
        expect(answers.map(({ computed }) => computed)).toEqual([
          ...sizes.map(() => undefined),
          computeOnce(bytes, algorithms),
        ])
      }
    }),
    { numRuns: 25 },
  )
})
