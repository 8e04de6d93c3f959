// What `serve s3` does beside Ceph RGW, as a Markdown table.
//
//   npm run bench:serve [-- --rounds 5]
//
// Ceph keeps its objects in memory (memstore), so the comparison is with a directory in memory; a directory on a disk,
// where every answer waits for the disk, is shown beside it. The same load goes to each in turn, so that a busy machine
// slows all down alike; medians are printed. Compare inside of one run only.
import { existsSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { installCeph, startCeph } from '../test/servers/ceph.ts'
import { startHawser } from '../test/servers/hawser.ts'
import type { S3Endpoint } from '../test/servers/s3.ts'
import { run, type Load } from './load.ts'
import { median } from './measure.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const small = Buffer.alloc(4096, 'hawser')
const large = Buffer.alloc(64 * 1024 ** 2, 'hawser')
const many = 5000
const few = 8

interface Case {
  readonly title: string
  /** Of the server with the directory in memory, how many times Ceph's. */
  readonly target: number
  readonly bytes: number
  readonly load: (bucket: string, round: number) => Load
}
const cases: readonly Case[] = [
  {
    title: '4 KiB objects, PUT, 32 at once',
    target: 2,
    bytes: small.length,
    load: (bucket, round) => ({
      method: 'PUT',
      body: small,
      connections: 32,
      paths: names(many, (i) => `/${bucket}/${round}/${i % 50}/${i}`),
    }),
  },
  {
    title: '4 KiB objects, GET, 32 at once',
    target: 2,
    bytes: small.length,
    load: (bucket, round) => ({
      method: 'GET',
      connections: 32,
      paths: names(many, (i) => `/${bucket}/${round}/${i % 50}/${i}`),
    }),
  },
  {
    title: '64 MiB objects, PUT, 1 at once',
    target: 1,
    bytes: large.length,
    load: (bucket) => put(bucket, 1, false),
  },
  {
    title: '64 MiB objects, PUT, 4 at once',
    target: 1,
    bytes: large.length,
    load: (bucket) => put(bucket, 4, false),
  },
  {
    title: '64 MiB objects, PUT, 4 at once, bodies signed',
    target: 1,
    bytes: large.length,
    load: (bucket) => put(bucket, 4, true),
  },
  {
    title: '64 MiB objects, GET, 1 at once',
    target: 1,
    bytes: large.length,
    load: (bucket) => ({ method: 'GET', connections: 1, paths: largeNames(bucket) }),
  },
  {
    title: '64 MiB objects, GET, 4 at once',
    target: 1,
    bytes: large.length,
    load: (bucket) => ({ method: 'GET', connections: 4, paths: largeNames(bucket) }),
  },
]

const ceph = await startCeph(await installCeph('sid'))
const servers = [
  await startHawser({ directory: memory }),
  ceph,
  await startHawser({ directory: tmpdir() }),
]
try {
  const times = cases.map(() => servers.map((): number[] => []))
  for (const { endpoint } of servers)
    await run(endpoint, { method: 'PUT', paths: ['/bench'], connections: 1 })
  // The first round is not measured: programs and caches are warm afterwards.
  for (let round = -1; round < rounds; round++)
    for (const [row, { load }] of cases.entries())
      for (const [column, { endpoint }] of servers.entries()) {
        const seconds = await run(endpoint, load('bench', round))
        if (round >= 0) times[row]?.[column]?.push(seconds)
      }
  print(ceph.endpoint, times)
} finally {
  await Promise.all(servers.map((server) => server.stop()))
}

function put(bucket: string, connections: number, signed: boolean): Load {
  return { method: 'PUT', body: large, signed, connections, paths: largeNames(bucket) }
}

/** Written again and again: two objects for each connection. */
function largeNames(bucket: string): string[] {
  return names(few, (i) => `/${bucket}/large-${i}`)
}

function names(count: number, name: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => name(i))
}

function print({ version }: S3Endpoint, times: readonly (readonly number[][])[]): void {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model ?? 'CPU'}, ${Math.round(totalmem() / 1e9)} GB, Linux ${release()}`
  console.log(`- ${new Date().toISOString().slice(0, 10)}, ${machine}; ${rounds} rounds`)
  console.log(`- Ceph ${version}, Node ${process.version}\n`)
  console.log('| load | in memory | Ceph | ÷ Ceph (target) | on disk | ÷ Ceph |')
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |')
  for (const [row, { title, target, bytes, load }] of cases.entries()) {
    const [inMemory = NaN, other = NaN, onDisk = NaN] = (times[row] ?? []).map(median)
    const count = load('', 0).paths.length
    const cells = [inMemory, other, onDisk].map((seconds) => rate(count, bytes, seconds))
    console.log(
      `| ${title} | ${cells[0]} | ${cells[1]} | ${(other / inMemory).toFixed(2)} (≥ ${target}) | ${cells[2]} | ${(other / onDisk).toFixed(2)} |`,
    )
  }
}

function rate(count: number, bytes: number, seconds: number): string {
  return bytes < 1e6
    ? `${Math.round(count / seconds)}/s`
    : `${Math.round((count * bytes) / seconds / 1e6)} MB/s`
}
