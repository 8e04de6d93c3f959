// What a scan (cuts, BLAKE3 and CRC64NVME of a file) costs, beside programs that cut or digest files too, as a Markdown
// table: gigabytes for a second of CPU and of time, and memory.
//
//   bench/install-scanners.sh
//   node bench/scan.ts [--rounds 3] [--size 1024] [--directory /dev/shm]
//
// The size is in MiB. Every program runs once in each round, one after another; medians, and of memory the maximum.
// Programs that are not there are left out. Needs GNU time, and three times the size in the directory.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, homedir, loadavg, release } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'tsdown'
import { measure, medianCost, type Cost } from './measure.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1024' },
    directory: { type: 'string', default: '/dev/shm' },
  },
})
const rounds = Number(values.rounds)
const size = Number(values.size) * 2 ** 20

const base = mkdtempSync(join(values.directory, 'hawser-scan-'))
process.on('exit', () => rmSync(base, { recursive: true, force: true }))
process.once('SIGINT', () => process.exit(130))

const file = join(base, 'file')
for (let at = 0; at < size; at += 2 ** 26)
  appendFileSync(file, randomBytes(Math.min(2 ** 26, size - at)))
const copy = join(base, 'copy')
copyFileSync(file, copy)

const env: NodeJS.ProcessEnv = {
  PATH: [join(homedir(), '.cache/hawser-test/scanners-sid/bin'), process.env['PATH']].join(
    delimiter,
  ),
  HOME: base,
  RESTIC_PASSWORD: 'bench',
}

const bundle = join(import.meta.dirname, '../node_modules/.cache/bench-scan')
await build({
  config: false,
  entry: {
    scan: join(import.meta.dirname, 'scan-once.ts'),
    'scan-worker': join(import.meta.dirname, '../src/transfer/delta/scan-worker.ts'),
  },
  outDir: bundle,
  platform: 'node',
  dts: false,
  logLevel: 'warn',
})

function hawser(kibibytes: number, threads: number): string[] {
  return [
    process.execPath,
    join(bundle, 'scan.mjs'),
    file,
    String(kibibytes * 1024),
    String(threads),
  ]
}

const casync = [
  'casync',
  'make',
  '--chunk-size=262144:1048576:4194304',
  `--store=${join(base, 'casync')}`,
  join(base, 'file.caibx'),
  file,
]
const repository = join(base, 'restic')
const commands: readonly [what: string, command: readonly string[]][] = [
  ['hawser, 1 MiB, 1 thread', hawser(1024, 1)],
  ['hawser, 1 MiB, 2 threads', hawser(1024, 2)],
  ['hawser, 64 KiB, 1 thread', hawser(64, 1)],
  ['hawser, 4 MiB, 1 thread', hawser(4096, 1)],
  ['cat', ['cat', file]],
  ['b3sum, 1 thread (no cuts)', ['b3sum', '--num-threads', '1', file]],
  ['desync chunk, 1 MiB', ['desync', 'chunk', '-m', '256:1024:4096', file]],
  ['casync make, its store has all', casync],
  ['restic backup --dry-run', ['restic', '-r', repository, 'backup', '--dry-run', file]],
  ['rsync, of a copy', ['rsync', '--no-whole-file', '--ignore-times', file, copy]],
]
for (const command of [casync, ['restic', '-r', repository, 'init']]) {
  const [program = '', ...words] = command
  spawnSync(program, words, { env })
}

const costs = new Map<string, Cost[]>()
const before = loadavg()[0] ?? NaN
for (let round = 0; round < rounds; round++) {
  for (const [what, command] of commands) {
    if (round > 0 && !costs.has(what)) continue
    try {
      const cost = measure(command, { work: base, env, repeat: 1 })
      costs.set(what, [...(costs.get(what) ?? []), cost])
    } catch (error) {
      console.error(`${what} is left out: ${String(error)}`)
    }
  }
}

const [cpu] = cpus()
console.log(
  `- ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model}, Linux ${release()}, Node ${process.version}; ${values.size} MiB, ${rounds} rounds; load ${before.toFixed(1)} at the start, ${(loadavg()[0] ?? NaN).toFixed(1)} at the end\n`,
)
console.log('| scan | GB for a CPU s | GB a second | peak MB |\n|---|--:|--:|--:|')
for (const [what, all] of costs) {
  const { cpu: seconds, wall, memory } = medianCost(all)
  const rates = [seconds, wall].map((time) => (size / 1e9 / time).toFixed(2))
  console.log(`| ${what} | ${rates.join(' | ')} | ${memory.toFixed(0)} |`)
}
