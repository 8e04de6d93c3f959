// What the upload of an edited object takes, in bytes, all included: counted at a proxy between the command and the server,
// so that they are the same on a busy machine.
//
//   npm run build && node bench/delta.ts [--size MiB] [--places N] [--only hawser|ceph] [--edits TEXT]
//
// Each edit is made to what the edit before has left, at a place by chance. --edits: only those whose titles have this text
// (a regular expression).
import { randomBytes, randomInt } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
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

interface Case {
  readonly title: string
  readonly times: number
  /** Of the median, and of the most, in bytes. */
  readonly targets: readonly [number, number]
  readonly edit: (path: string) => void
}

const somewhere = (path: string): number => randomInt(statSync(path).size - MiB)
const aByte = (): Buffer => randomBytes(1)
const isolated = [6 * MiB, 13 * MiB] as const
const cases: readonly Case[] = [
  { title: 'one byte changed', times: places, targets: isolated, edit: change },
  {
    title: 'one byte inserted at the front',
    times: Math.min(places, 3),
    targets: isolated,
    edit: (path) => rewrite(path, 0, 0, aByte()),
  },
  {
    title: 'one byte inserted',
    times: places,
    targets: isolated,
    edit: (path) => rewrite(path, somewhere(path), 0, aByte()),
  },
  {
    title: '1 MiB deleted',
    times: places,
    targets: isolated,
    edit: (path) => rewrite(path, somewhere(path), MiB, Buffer.alloc(0)),
  },
  {
    title: '100 KiB appended',
    times: places,
    targets: isolated,
    edit: (path) => rewrite(path, statSync(path).size, 0, randomBytes(100 * 1024)),
  },
  {
    title: 'ten bytes changed',
    times: Math.max(1, Math.floor(places / 10)),
    targets: [70 * MiB, 70 * MiB],
    edit: (path) => {
      for (let i = 0; i < 10; i++) change(path)
    },
  },
  {
    title: 'nothing in common',
    times: 1,
    targets: [size * 1.01, size * 1.01],
    edit: (path) => fill(path, size),
  },
]

const folder = mkdtempSync(join(tmpdir(), 'hawser-delta-'))
try {
  console.log('| server | edit | times | median, MiB sent | most | received, most | targets |')
  console.log('| ------ | ---- | ----: | ---------------: | ---: | -------------: | ------- |')
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
    const env = {
      ...userOf(endpoint, join(folder, endpoint.name)),
      AWS_ENDPOINT_URL: proxy.url,
    }
    const path = join(folder, 'big')
    copyFileSync(join(folder, 'first'), path)
    await ran(['mb', 's3://bench'], env)
    await ran(['cp', path, 's3://bench/big'], env)
    for (const { title, times, targets, edit } of cases) {
      if (!chosen.test(title)) continue
      const sent: number[] = []
      const received: number[] = []
      for (let i = 0; i < times; i++) {
        edit(path)
        const [sentBefore, receivedBefore] = [proxy.sent, proxy.received]
        await ran(['cp', path, 's3://bench/big'], env)
        sent.push(proxy.sent - sentBefore)
        received.push(proxy.received - receivedBefore)
      }
      const most = Math.max(...sent)
      const isMet = median(sent) <= targets[0] && most <= targets[1]
      const told = [median(sent), most, Math.max(...received)].map(mebibytes).join(' | ')
      const wanted = `≤ ${mebibytes(targets[0])}, ≤ ${mebibytes(targets[1])}`
      console.log(
        `| ${endpoint.name} | ${title} | ${times} | ${told} | ${wanted}: ${isMet ? 'met' : 'missed'} |`,
      )
    }
  } finally {
    await server.stop()
  }
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
