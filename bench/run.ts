// What the built command costs beside its peers: CPU, wall time and memory, as a Markdown table.
//
//   npm run bench [-- [CASE…] [--rounds 3] [--directory /dev/shm] [--tools hawser,rclone]]
//
// Every tool runs once in each round, one after another, against the sink (sink.ts) in a process of its own; medians
// are printed, and of memory the maximum. Machines are noisy: compare inside of one run only. Peers that are not on the
// PATH, nor in the directory of install-clients.sh, are left out. Needs GNU time, and 5 GB in the directory.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  accessSync,
  appendFileSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cpus, homedir, release, tmpdir, totalmem } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Case, cases, type Tool } from './cases.ts'
import { type Cost, measure, medianCost } from './measure.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    directory: { type: 'string', default: isDirectory('/dev/shm') ? '/dev/shm' : tmpdir() },
    tools: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !cases.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(
    `no such case: ${unknown.join(' ')}; there are: ${cases.map(({ name }) => name).join(' ')}`,
  )
  process.exit(2)
}
const chosen = cases.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const rounds = Number(values.rounds)

const root = dirname(import.meta.dirname)
const base = mkdtempSync(join(values.directory, 'hawser-bench-'))
process.on('exit', () => rmSync(base, { recursive: true, force: true }))
process.once('SIGINT', () => process.exit(130))

const sink = spawn(process.execPath, [join(import.meta.dirname, 'sink.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const said: unknown[] = await once(sink.stdout, 'data')
const origin = String(said[0]).trim()

const path = [
  join(root, 'bin'),
  dirname(process.execPath),
  join(homedir(), '.cache/hawser-test/clients-sid/bin'),
  process.env['PATH'],
].join(delimiter)
const env: NodeJS.ProcessEnv = {
  PATH: path,
  HOME: base,
  HAWSER_NODE: process.execPath,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  RCLONE_CONFIG: '/notfound',
  RCLONE_CONFIG_SINK_TYPE: 's3',
  RCLONE_CONFIG_SINK_PROVIDER: 'Other',
  RCLONE_CONFIG_SINK_LIST_VERSION: '2',
  RCLONE_CONFIG_SINK_ENDPOINT: origin,
  RCLONE_CONFIG_SINK_ENV_AUTH: 'true',
  RCLONE_CONFIG_SINK_REGION: 'us-east-1',
  RCLONE_CONFIG_SINK_FORCE_PATH_STYLE: 'true',
}
const tools = presentTools()
const data = makeData()
let runs = 0

console.log(`${environment()}\n`)
console.log('| case | tool | CPU s | wall s | peak MB | Hawser: CPU, wall ÷ this one (target) |')
console.log('|---|---|--:|--:|--:|---|')
for (const one of chosen) printRows(one, runCase(one))
sink.stdin.end()

function runCase(one: Case): Map<Tool, Cost> {
  const costs = new Map<Tool, Cost[]>()
  const failed = new Set<Tool>()
  for (let round = 0; round < rounds; round++)
    for (const tool of tools) {
      const command = one.commands[tool]
      if (!command || failed.has(tool)) continue
      // A warm case goes on where its tool left off.
      const bucket = one.warm ? `${one.name}-${tool}` : `run-${++runs}`
      const work = join(base, 'work')
      mkdirSync(work)
      try {
        const state = join(base, `state-${bucket}`)
        const line = command({ origin, data, work, bucket, state })
        if (one.warm && round === 0) measure(line, { work, env, repeat: 1 })
        const cost = measure(line, { work, env, repeat: one.repeat ?? 1 })
        costs.set(tool, [...(costs.get(tool) ?? []), cost])
      } catch (error) {
        failed.add(tool)
        console.error(`${one.name}: ${tool} is left out: ${String(error)}`)
      } finally {
        rmSync(work, { recursive: true })
      }
    }
  return new Map([...costs].map(([tool, all]) => [tool, medianCost(all)]))
}

function printRows({ title, targets }: Case, costs: ReadonlyMap<Tool, Cost>): void {
  const own = costs.get('hawser')
  for (const [tool, { cpu, wall, memory }] of costs) {
    const target = targets.find(({ peer }) => peer === tool)
    const ratios =
      own && tool !== 'hawser'
        ? `${beside(own.cpu, cpu, target?.cpu)}, ${beside(own.wall, wall, target?.wall)}`
        : ''
    console.log(
      `| ${title} | ${tool} | ${cpu.toFixed(cpu < 1 ? 3 : 2)} | ${wall.toFixed(wall < 1 ? 3 : 2)} | ${memory.toFixed(0)} | ${ratios} |`,
    )
  }
}

function beside(own: number, theirs: number, most: number | undefined): string {
  return `${(own / theirs).toFixed(2)}${most === undefined ? '' : ` (≤ ${most})`}`
}

function presentTools(): Tool[] {
  const all: readonly Tool[] = ['hawser', 'curl', 'node', 'rclone', 's5cmd', 'aws']
  const wanted = values.tools?.split(',')
  const present = all.filter(
    (tool) =>
      (!wanted || wanted.includes(tool)) &&
      path.split(delimiter).some((directory) => isProgram(join(directory, tool))),
  )
  const missing = all.filter((tool) => !wanted && !present.includes(tool))
  if (missing.length > 0) console.error(`not on the PATH, left out: ${missing.join(', ')}`)
  return present
}

/** Random bytes: nothing on the way can make them small. */
function makeData(): string {
  const directory = join(base, 'data')
  mkdirSync(directory)
  if (chosen.some(({ name }) => name === 'big-up')) {
    const piece = randomBytes(64 * 1024 * 1024)
    for (let count = 0; count < 32; count++) appendFileSync(join(directory, 'big'), piece)
  }
  const block = randomBytes(4096)
  for (let group = 0; group < 100; group++) {
    const at = join(directory, 'small', String(group).padStart(6, '0'))
    mkdirSync(at, { recursive: true })
    for (let index = 0; index < 100; index++) {
      block.writeUInt32LE(group * 100 + index)
      writeFileSync(join(at, `${index}.bin`), block)
    }
  }
  return directory
}

function environment(): string {
  const [cpu] = cpus()
  const versions = tools.map((tool) => {
    const { stdout } = spawnSync(tool, ['--version'], { env, encoding: 'utf8' })
    const version = stdout.split('\n', 1)[0] ?? ''
    return version.includes(tool) ? version : `${tool} ${version}`
  })
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`
  return [
    `- ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model}, ${memory}, Linux ${release()}; ${rounds} rounds`,
    ...versions.map((version) => `- ${version}`),
  ].join('\n')
}

function isDirectory(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isProgram(name: string): boolean {
  try {
    accessSync(name, constants.X_OK)
    return true
  } catch {
    return false
  }
}
