import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { collect, temporaryDirectory, temporaryState } from './fixtures.ts'

/** A real process that runs one of the programs. */
function start(program: string, ...args: string[]): ChildProcess {
  const file = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
  const child = fork(file, args, { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** Resolves with the count that the writer confirmed last, once that has reached `least`. */
async function confirmed(child: ChildProcess, least: number): Promise<{ last: number }> {
  const progress = { last: 0 }
  return new Promise((resolve, reject) => {
    child.on('message', (number) => {
      progress.last = Number(number)
      if (progress.last === least) resolve(progress)
    })
    child.on('exit', () => reject(new Error('the writer died')))
  })
}

test('two processes write at once; what was confirmed before kill -9 is there', async () => {
  const directory = await temporaryDirectory()
  const names = ['one', 'two']
  const writers = names.map((name) => start('writer', directory, name))
  const progress = await Promise.all(writers.map((writer) => confirmed(writer, 30)))
  await Promise.all(writers.map(kill))

  const { pairs, journal } = await temporaryState(directory, {
    onWarning: (warning) => expect.unreachable(warning),
  })
  for (const [i, name] of names.entries()) {
    const last = progress[i]?.last ?? 0
    expect(last).toBeGreaterThanOrEqual(30)
    const entry = await journal.find(name, toKey('big'))
    expect(entry?.parts.slice(0, last).map(({ number }) => number)).toEqual(
      Array.from({ length: last }, (_, part) => part + 1),
    )
    const rows = await collect(pairs.scan({ source: name, target: '' }))
    const whole = new Map<number, number>()
    for (const { source } of rows) whole.set(source.size, (whole.get(source.size) ?? 0) + 1)
    for (let number = 1; number <= last; number++) expect(whole.get(number)).toBe(10)
  }
})

test('a lock is refused while its holder lives, and free when it was killed', async () => {
  const directory = await temporaryDirectory()
  const state = await temporaryState(directory)
  const holder = start('holder', directory, 'there')
  expect((await once(holder, 'message'))[0]).toBe('held')

  await expect(state.lock('there')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(new RegExp(`process ${holder.pid} on .+, since 20`)),
    hint: expect.any(String),
  })
  const elsewhere = await state.lock('elsewhere')
  await elsewhere[Symbol.asyncDispose]()

  await kill(holder)
  const lock = await state.lock('there')
  expect(lock.holderDied).toBe(true)
  await lock[Symbol.asyncDispose]()
})

test('a process that forgets to dispose ends by itself, with its rows written and no warning', async () => {
  const directory = await temporaryDirectory()
  const child = start('forgetful', directory)
  const errors = child.stderr === null ? '' : text(child.stderr)
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await errors).not.toContain('SQLite')
  const { pairs } = await temporaryState(directory)
  expect(await pairs.get({ source: 's', target: 't' }, toKey('a'))).toBeDefined()
})

test('asking again in the process that holds a lock does not free it for another', async () => {
  const directory = await temporaryDirectory()
  const state = await temporaryState(directory)
  await state.lock('there')
  await expect(state.lock('there')).rejects.toMatchObject({ code: 'conflict' })
  const other = start('holder', directory, 'there')
  const told = Promise.race([once(other, 'message'), once(other, 'exit')])
  expect((await told)[0]).toBe(1)
})
