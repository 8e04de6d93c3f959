import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { IncomingBody } from '../../../src/serve/http/body.ts'
import type { Framing } from '../../../src/serve/http/message-head.ts'

function begin(framing: Framing) {
  const resume = vi.fn<() => void>()
  const destroy = vi.fn<() => void>()
  return { body: new IncomingBody(framing, resume, destroy), resume, destroy }
}

/** As the socket does. @returns whether the bytes went to their place at once */
function arrive(body: IncomingBody, text: string): boolean {
  const room = body.room()
  if (!room) {
    body.accept(Buffer.from(text))
    return false
  }
  expect(room.length).toBeGreaterThanOrEqual(text.length)
  room.set(Buffer.from(text))
  body.arrived(text.length)
  return true
}

const incomplete = { code: 'IncompleteBody' }

test('what came with the head is there at once', () => {
  const { body } = begin(5)
  const bytes = Buffer.from('helloGET /')
  expect(body.accept(bytes)).toBe(5)
  bytes.fill('x')
  expect(body.complete).toBe(true)
  expect(Buffer.from(body.whole() ?? []).toString()).toBe('hello')
})

test('what was begun, or has not come, is not there at once', async () => {
  const { body } = begin(5)
  body.accept(Buffer.from('hell'))
  expect(body.whole()).toBeUndefined()
  await body.fill(Buffer.alloc(2))
  body.accept(Buffer.from('o'))
  expect(body.whole()).toBeUndefined()
})

test('is filled in place, and no further than it goes', async () => {
  const { body, resume } = begin(10)
  body.accept(Buffer.from('01'))
  const target = Buffer.alloc(8)
  const filling = body.fill(target)
  expect(resume).toHaveBeenCalledTimes(1)
  expect(arrive(body, '234')).toBe(true)
  expect(arrive(body, '567')).toBe(true)
  await filling
  expect(target.toString()).toBe('01234567')
  expect(body.room()).toBeUndefined()
  const rest = body.fill(Buffer.alloc(20))
  expect(body.room()?.length).toBe(2)
  arrive(body, '89')
  await expect(rest).rejects.toMatchObject(incomplete)
  await body.end()
})

test('what comes unasked is kept', async () => {
  const { body } = begin(6)
  expect(body.starved).toBe(true)
  expect(arrive(body, 'abc')).toBe(false)
  expect(body.starved).toBe(false)
  expect(body.wants).toBe(false)
  arrive(body, 'def')
  const target = Buffer.alloc(6)
  await body.fill(target)
  expect(target.toString()).toBe('abcdef')
})

describe('memory that the socket was lent', () => {
  test('is given back when it is left, but only once the socket has another', async () => {
    const { body } = begin(100)
    const target = Buffer.alloc(50)
    let settled = false
    const filling = body.fill(target).finally(() => {
      settled = true
    })
    const lent = body.room()
    body.leave()
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
    lent?.set(Buffer.from('late'))
    body.arrived(4)
    await expect(filling).rejects.toMatchObject(incomplete)
    expect(body.room()).toBeUndefined()
  })

  test('is given back at once where the socket has not got it', async () => {
    const { body } = begin(100)
    const filling = body.fill(Buffer.alloc(50))
    body.leave()
    await expect(filling).rejects.toMatchObject(incomplete)
    expect(body.room()).toBeUndefined()
  })

  test('is given back when the connection ends', async () => {
    const { body } = begin(100)
    const filling = body.fill(Buffer.alloc(50))
    body.room()
    body.leave()
    body.break(new Error('gone'))
    await expect(filling).rejects.toThrow('gone')
  })

  test('ends the connection where it is taken away', async () => {
    const { body, destroy } = begin(100)
    const filling = body.fill(Buffer.alloc(50))
    body.room()
    body.stop(new Error('stopped'))
    expect(destroy).toHaveBeenCalledTimes(1)
    await expect(filling).rejects.toThrow('stopped')
    await expect(body.fill(Buffer.alloc(1))).rejects.toThrow('stopped')
    await expect(Array.fromAsync(body.pieces())).rejects.toThrow('stopped')
  })

  test('takes what is thrown away at first', async () => {
    const { body } = begin(100)
    const filling = body.fill(Buffer.alloc(50))
    const lent = body.room()
    const dropped = body.drop(1000)
    expect(lent?.length).toBe(50)
    body.arrived(50)
    await expect(filling).rejects.toMatchObject(incomplete)
    expect(arrive(body, 'x'.repeat(50))).toBe(false)
    await dropped
    expect(body.complete).toBe(true)
  })
})

test('throwing away ends at the limit, at the connection’s end, and where all has come', async () => {
  const { body, resume } = begin(100)
  body.accept(Buffer.from('12345'))
  const dropped = body.drop(10)
  expect(resume).toHaveBeenCalledTimes(1)
  expect(body.wants).toBe(true)
  body.accept(Buffer.from('123456'))
  await dropped
  await expect(body.fill(Buffer.alloc(1))).rejects.toMatchObject(incomplete)

  const broken = begin(100).body
  const late = broken.drop(10)
  broken.break(new Error('gone'))
  await late
  const whole = begin(5).body
  whole.accept(Buffer.from('hello'))
  await whole.drop(10)
})

test('pieces come as they arrive, to the end', async () => {
  const { body } = begin(9)
  body.accept(Buffer.from('abc'))
  const pieces = body.pieces()[Symbol.asyncIterator]()
  const next = async (): Promise<string | undefined> => {
    const { value } = await pieces.next()
    return value === undefined ? undefined : Buffer.from(value).toString()
  }
  expect(await next()).toBe('abc')
  const second = next()
  expect(arrive(body, 'de')).toBe(true)
  expect(await second).toBe('de')
  arrive(body, 'fghi')
  expect(await next()).toBe('fghi')
  expect(await next()).toBeUndefined()
})

test('however it comes and is read, in chunks or not, it is what was sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 300 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      async (text, chunked, cuts, fills) => {
        const { body } = begin(chunked ? 'chunked' : text.length)
        const wire = chunked ? `${text.length.toString(16)};x\r\n${text}\r\n0\r\n\r\n` : text
        const reading = (async () => {
          let read = ''
          for (let turn = 0; read.length < text.length; turn++) {
            const size = Math.min(fills[turn % fills.length] ?? 1, text.length - read.length)
            const buffer = Buffer.alloc(size)
            await body.fill(buffer)
            read += buffer.toString('latin1')
          }
          await body.end()
          return read
        })()
        for (let at = 0, turn = 0; at < wire.length; turn++) {
          const most = cuts[turn % cuts.length] ?? 1
          const room = body.room()
          const piece = wire.slice(at, at + (room ? Math.min(most, room.length) : most))
          arrive(body, piece)
          at += piece.length
          if (turn % 2 === 0) await Promise.resolve()
        }
        expect(await reading).toBe(text)
        expect(body.complete).toBe(true)
      },
    ),
  )
})
