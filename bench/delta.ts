// What it takes to send an edited object, and to fetch it where the version before is, in bytes, all included: counted at a
// proxy between the command and the server, so that they are the same on a busy machine.
//
//   npm run build && node bench/delta.ts [--size MiB] [--places N] [--only hawser|ceph] [--edits TEXT]
//
// Each edit is made to what the edit before has left, at a place by chance. --edits: only those whose titles have this text
// (a regular expression).
import { execFileSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hawser, userOf } from '../test/e2e/hawser.ts'
import { RecordingProxy } from '../test/e2e/proxy.ts'
import { installCeph, startCeph } from '../test/servers/ceph.ts'
import { startHawser } from '../test/servers/hawser.ts'
import type { S3Endpoint } from '../test/servers/s3.ts'
import { median } from './measure.ts'

const MiB = 2 ** 20
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    places: { type: 'string', default: '100' },
    only: { type: 'string' },
    edits: { type: 'string', default: '' },
  },
})
const size = Number(values.size) * MiB
const places = Number(values.places)
const chosen = new RegExp(values.edits)

/** Of the median, and of the most, in bytes. */
type Target = readonly [number, number]

interface Case {
  readonly title: string
  readonly times: number
  readonly up: Target
  readonly down: Target
  readonly edit: (path: string) => void
}

const somewhere = (path: string): number => randomInt(statSync(path).size - MiB)
const aByte = (): Buffer => randomBytes(1)
const largestChunk = 4 * MiB
const isolated = {
  up: [6 * MiB, 5 * MiB + 2 * largestChunk],
  down: [2 * largestChunk, 2 * largestChunk],
} as const
const whole = [size * 1.01, size * 1.01] as const
const cases: readonly Case[] = [
  { title: 'one byte changed', times: places, ...isolated, edit: change },
  {
    title: 'one byte inserted at the front',
    times: Math.min(places, 3),
    ...isolated,
    edit: (path) => rewrite(path, 0, 0, aByte()),
  },
  {
    title: 'one byte inserted',
    times: places,
    ...isolated,
    edit: (path) => rewrite(path, somewhere(path), 0, aByte()),
  },
  {
    title: '1 MiB deleted',
    times: places,
    ...isolated,
    edit: (path) => rewrite(path, somewhere(path), MiB, Buffer.alloc(0)),
  },
  {
    title: '100 KiB appended',
    times: places,
    ...isolated,
    edit: (path) => rewrite(path, statSync(path).size, 0, randomBytes(100 * 1024)),
  },
  {
    title: 'ten bytes changed',
    times: Math.max(1, Math.floor(places / 10)),
    up: [70 * MiB, 70 * MiB],
    down: [20 * largestChunk, 20 * largestChunk],
    edit: (path) => {
      for (let i = 0; i < 10; i++) change(path)
    },
  },
  {
    title: 'nothing in common',
    times: 1,
    up: whole,
    down: whole,
    edit: (path) => fill(path, size),
  },
]

const address = 's3://bench/big'
const folder = mkdtempSync(join(tmpdir(), 'hawser-delta-'))
try {
  console.log('| server | edit | way | times | MiB: median | most | back, most | targets |')
  console.log('| ------ | ---- | --- | ----: | ----------: | ---: | ---------: | ------- |')
  fill(join(folder, 'first'), size)
  if (values.only !== 'ceph') await measured(await startHawser({ directory: folder }))
  if (values.only !== 'hawser') await measured(await startCeph(await installCeph('sid')))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measured(server: { endpoint: S3Endpoint; stop(): Promise<void> }): Promise<void> {
  const { endpoint } = server
  try {
    await using proxy = await RecordingProxy.start(endpoint.url)
    const here = userAt(endpoint, proxy, 'here')
    const there = userAt(endpoint, proxy, 'there')
    copyFileSync(join(folder, 'first'), here.path)
    await ran(['mb', 's3://bench'], here.env)
    await ran(['cp', here.path, address], here.env)
    await ran(['cp', address, there.path], there.env)
    for (const { title, times, up, down, edit } of cases) {
      if (!chosen.test(title)) continue
      const sent: Passed[] = []
      const fetched: Passed[] = []
      for (let i = 0; i < times; i++) {
        edit(here.path)
        sent.push(await passed(proxy, () => ran(['cp', here.path, address], here.env)))
        fetched.push(await passed(proxy, () => ran(['cp', address, there.path], there.env)))
        execFileSync('cmp', [here.path, there.path])
      }
      tell([endpoint.name, title, 'up', times], sent, ['sent', 'received'], up)
      tell([endpoint.name, title, 'down', times], fetched, ['received', 'sent'], down)
    }
  } finally {
    await server.stop()
  }
}

/** A machine of its own: with its file and its state. */
function userAt(
  endpoint: S3Endpoint,
  proxy: RecordingProxy,
  machine: string,
): { path: string; env: Record<string, string> } {
  const home = join(folder, endpoint.name, machine)
  mkdirSync(home, { recursive: true })
  return {
    path: join(home, 'big'),
    env: { ...userOf(endpoint, home), AWS_ENDPOINT_URL: proxy.url },
  }
}

interface Passed {
  readonly sent: number
  readonly received: number
}

async function passed(proxy: RecordingProxy, run: () => Promise<void>): Promise<Passed> {
  const { sent, received } = proxy
  await run()
  return { sent: proxy.sent - sent, received: proxy.received - received }
}

function tell(
  cells: readonly (string | number)[],
  all: readonly Passed[],
  [way, back]: readonly [keyof Passed, keyof Passed],
  [wantedMedian, wantedMost]: Target,
): void {
  const bytes = all.map((each) => each[way])
  const [middle, most] = [median(bytes), Math.max(...bytes)]
  const told = [middle, most, Math.max(...all.map((each) => each[back]))].map(mebibytes)
  const isMet = middle <= wantedMedian && most <= wantedMost
  const wanted = `≤ ${mebibytes(wantedMedian)}, ≤ ${mebibytes(wantedMost)}`
  console.log(`| ${[...cells, ...told, `${wanted}: ${isMet ? 'met' : 'missed'}`].join(' | ')} |`)
}

async function ran(argv: readonly string[], env: Record<string, string>): Promise<void> {
  const { code, stderr } = await hawser(argv, { env })
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
}

function mebibytes(bytes: number): string {
  return (bytes / MiB).toFixed(2)
}

function fill(path: string, length: number): void {
  const file = openSync(path, 'w')
  for (let left = length; left > 0; left -= 4 * MiB)
    writeSync(file, randomBytes(Math.min(left, 4 * MiB)))
  closeSync(file)
}

function change(path: string): void {
  const file = openSync(path, 'r+')
  const [at, byte] = [somewhere(path), Buffer.alloc(1)]
  readSync(file, byte, 0, 1, at)
  writeSync(file, Buffer.of(byte.readUInt8() ^ 1), 0, 1, at)
  closeSync(file)
}

/** Removes so many bytes at the place, and puts others there. */
function rewrite(path: string, at: number, less: number, insert: Uint8Array): void {
  const [from, to] = [openSync(path, 'r'), openSync(`${path}.new`, 'w')]
  const buffer = Buffer.alloc(4 * MiB)
  const copy = (start: number, end: number): void => {
    for (let position = start; position < end;) {
      const length = readSync(from, buffer, 0, Math.min(buffer.length, end - position), position)
      writeSync(to, buffer, 0, length)
      position += length
    }
  }
  copy(0, at)
  writeSync(to, insert)
  copy(at + less, statSync(path).size)
  closeSync(from)
  closeSync(to)
  renameSync(`${path}.new`, path)
}
