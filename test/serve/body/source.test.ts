import { expect, test } from 'vitest'
import { PieceSource } from '../../../src/serve/body/source.ts'

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function filled(source: PieceSource, length: number): Promise<string> {
  const buffer = Buffer.alloc(length)
  await source.fill(buffer)
  return buffer.toString()
}

test('fills across pieces, and ends where they do', async () => {
  const source = new PieceSource(pieces('he', '', 'llo w', 'orld', ''))
  expect(source.whole()).toBeUndefined()
  expect(await filled(source, 5)).toBe('hello')
  expect(await filled(source, 0)).toBe('')
  expect(await filled(source, 6)).toBe(' world')
  await source.end()
})

test('tells where there is less or more than was wanted', async () => {
  await expect(filled(new PieceSource(pieces('hell')), 5)).rejects.toMatchObject({
    code: 'IncompleteBody',
  })
  const source = new PieceSource(pieces('hello', '!'))
  await filled(source, 5)
  await expect(source.end()).rejects.toMatchObject({ code: 'IncompleteBody' })
})

test('a source that is silent can be left, and its iterator is', async () => {
  let left = false
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      async return() {
        left = true
        return { done: true, value: undefined }
      },
    }),
  }
  const source = new PieceSource(silent)
  const filling = filled(source, 5)
  source.leave()
  await expect(filling).rejects.toMatchObject({ code: 'IncompleteBody' })
  expect(left).toBe(true)
  const stopped = new PieceSource(silent)
  const waiting = filled(stopped, 5)
  stopped.stop(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})
