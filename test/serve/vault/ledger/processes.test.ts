import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { openLedger } from '../../../../src/serve/vault/ledger/ledger.ts'
import { temporaryDirectory, temporaryLedger } from './fixtures.ts'

function program(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))
}

test('kill -9 loses nothing that resolved, and leaves nothing half; the lock goes with it', async () => {
  const directory = await temporaryDirectory()
  const child = fork(program('writer'), [directory], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const confirmed: number[] = []
  const enough = new Promise<void>((resolve, reject) => {
    child.on('message', (number) => {
      if (confirmed.push(Number(number)) === 200) resolve()
    })
    child.on('exit', () => reject(new Error('the writer died')))
  })
  await enough
  await expect(openLedger(directory)).rejects.toMatchObject({ code: 'conflict' })
  child.kill('SIGKILL')
  await exit

  const ledger = await temporaryLedger(directory)
  const [a, b] = ['a/', 'b/'].map((prefix) =>
    ledger
      .scan('bucket', { prefix, from: '', limit: 1_000_000 })
      .map(({ key }) => Number(key.slice(2))),
  )
  expect(a).toEqual(b)
  const there = new Set(a)
  expect(confirmed.filter((number) => !there.has(number))).toEqual([])
})

// A mount in a name space of its own vanishes with the process.
test.runIf(process.platform === 'linux')('a full disk: what comes later succeeds', async () => {
  const directory = await temporaryDirectory()
  const { stdout } = await promisify(execFile)('unshare', [
    '-rm',
    'sh',
    '-c',
    'mount -t tmpfs -o size=4m none "$0" && exec "$@"',
    directory,
    process.execPath,
    program('filler'),
    directory,
  ])
  expect(JSON.parse(stdout)).toEqual({ failures: ['no-space'], some: true, whole: true, again: 1 })
})
