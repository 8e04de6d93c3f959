import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LogFile, linesOfLog, logOf, removeOld } from '../../src/state/logs.ts'
import { collect, temporaryDirectory } from './fixtures.ts'

const hour = 3_600_000
const all = { age: 1e9 * hour, runs: 1e9, bytes: 1e9 }

/** The log of a run that began at that second, last written so many hours ago. */
function log(directory: string, second: number, hours: number, size = 1): string {
  const name = `20260101T0000${String(second).padStart(2, '0')}000-0a1b2c.jsonl`
  writeFileSync(join(directory, name), 'x'.repeat(size))
  const time = (Date.now() - hours * hour) / 1000
  utimesSync(join(directory, name), time, time)
  return name
}

function begin(directory: string, run: string, failed = (): void => expect.unreachable()): LogFile {
  const file = new LogFile(directory, run, failed)
  onTestFinished(() => file.end())
  return file
}

test('a log is for its user alone, and is read as it was written', async () => {
  const directory = join(await temporaryDirectory(), 'new', 'logs')
  const file = begin(directory, 'a')
  const line = 'y'.repeat(30_000)
  for (let i = 0; i < 5; i++) file.write(`${line}${i}\n`)
  // What fills the buffer is written at once; the rest comes soon.
  expect(statSync(logOf(directory, 'a')).size).toBeGreaterThan(60_000)
  file.write('last')
  const size = (): number => statSync(logOf(directory, 'a')).size
  await expect.poll(size, { timeout: 10_000 }).toBe(5 * 30_002 + 4)
  expect(await collect(linesOfLog(logOf(directory, 'a')))).toHaveLength(6)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(statSync(logOf(directory, 'a')).mode & 0o777).toBe(0o600)
})

test('a log that cannot be made, or read, is told', async () => {
  const directory = await temporaryDirectory()
  begin(directory, 'a')
  expect(() => begin(directory, 'a')).toThrow('EEXIST')
  writeFileSync(join(directory, 'file'), '')
  expect(() => begin(join(directory, 'file'), 'b')).toThrow('ENOTDIR')
  expect(() => begin(join(directory, 'file', 'logs'), 'b')).toThrow('ENOTDIR')
  expect(() => begin('/proc/none/logs', 'b')).toThrow('ENOENT')
  await expect(collect(linesOfLog(logOf(directory, 'none')))).rejects.toThrow('ENOENT')
})

test.each([
  ['so many runs', { ...all, runs: 3 }, [2, 3, 4]],
  ['so many bytes', { ...all, bytes: 15 }, [3, 4]],
  ['at least one', { ...all, bytes: 0 }, [4]],
  ['so old', { ...all, age: 35 * hour }, [2, 3, 4]],
  ['all', all, [0, 1, 2, 3, 4]],
])('the newest logs are kept: %s', async (_, kept, left) => {
  const directory = await temporaryDirectory()
  const names = [50, 40, 30, 20, 10].map((hours, second) => log(directory, second, hours, 10))
  writeFileSync(join(directory, 'mine.jsonl'), '')
  removeOld(directory, kept)
  const expected = [...left.map((second) => names[second]), 'mine.jsonl']
  expect(readdirSync(directory).toSorted()).toEqual(expected)
})

test('what is too old goes when a log is begun; what is no log, or cannot go, stays', async () => {
  const directory = await temporaryDirectory()
  log(directory, 0, 31 * 24)
  const recent = log(directory, 1, 29 * 24)
  const odd = '20250101T000000000-0a1b2c.jsonl'
  mkdirSync(join(directory, odd, 'inner'), { recursive: true })
  utimesSync(join(directory, odd), 1, 1)
  log(join(directory, odd), 2, 31 * 24)
  begin(directory, '20260201T000000000-0a1b2c')
  const left = [odd, recent, '20260201T000000000-0a1b2c.jsonl']
  expect(readdirSync(directory).toSorted()).toEqual(left)
})

test('a log that is being written stays, whatever it takes', async () => {
  const directory = await temporaryDirectory()
  const names = [log(directory, 0, 9), log(directory, 1, 0), log(directory, 2, 0)]
  removeOld(directory, { ...all, bytes: 0 })
  expect(readdirSync(directory)).toEqual(names.slice(1))
})
