import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Output } from '../../../src/cli/report/stdout.ts'

class Sink extends Writable {
  readonly chunks: string[] = []
  fails: NodeJS.ErrnoException | undefined
  held: (() => void) | undefined
  hold = false

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.fails) {
      done(this.fails)
      return
    }
    this.chunks.push(chunk.toString('latin1'))
    if (this.hold) this.held = () => done()
    else done()
  }
}

function ioError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`write ${code}`), { code })
}

test('lines are gathered into few writes, in order with bytes', async () => {
  const sink = new Sink()
  const output = new Output(sink)
  await output.text('a\n')
  await output.text('b\n')
  await output.bytes(Uint8Array.of(0, 255))
  output.post('c\n')
  await output.flush()
  expect(sink.chunks).toEqual(['a\nb\n', '\u0000\u00ff', 'c\n'])
})

test('lines do not wait for more lines to come', async () => {
  const sink = new Sink()
  await new Output(sink).text('a\n')
  await new Promise(setImmediate)
  expect(sink.chunks).toEqual(['a\n'])
})

test('bytes are only given back when they are taken', async () => {
  const sink = new Sink({ highWaterMark: 1 })
  sink.hold = true
  const output = new Output(sink)
  let taken = false
  const write = output.bytes(Uint8Array.of(1)).then(() => (taken = true))
  await new Promise(setImmediate)
  expect(taken).toBe(false)
  sink.held?.()
  await write
  expect(taken).toBe(true)
})

test('a reader that is gone is no failure', async () => {
  const sink = new Sink()
  sink.fails = ioError('EPIPE')
  const output = new Output(sink)
  await output.bytes(Uint8Array.of(1))
  expect(output.closed).toBe(true)
  await output.text('more\n')
  await output.flush()
})

test('any other failure is one', async () => {
  const sink = new Sink()
  sink.fails = ioError('ENOSPC')
  const output = new Output(sink)
  await expect(output.bytes(Uint8Array.of(1))).rejects.toMatchObject({ code: 'no-space' })
  await expect(output.flush()).rejects.toMatchObject({ code: 'no-space' })
})
