// What `hawser status` of a directory that was synced costs, beside `git status` of the same one and `find`, which looks
// at each file as well: files for a second of CPU and of time, and memory, as a Markdown table.
//
//   npm run build
//   node bench/status.ts [--rounds 5] [--files 200000] [--directory /dev/shm]
//
// The files have 64 bytes each, a thousand in a directory, and are synced by the command to a directory beside them. All
// programs run once in each round, one after another; medians, and of memory the maximum. Needs GNU time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure, medianCost, type Cost } from './measure.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    files: { type: 'string', default: '200000' },
    directory: { type: 'string', default: '/dev/shm' },
  },
})
const [rounds, files] = [Number(values.rounds), Number(values.files)]

const base = mkdtempSync(join(values.directory, 'hawser-status-'))
process.on('exit', () => rmSync(base, { recursive: true, force: true }))
process.once('SIGINT', () => process.exit(130))

const path = [join(dirname(import.meta.dirname), 'bin'), process.env['PATH']].join(delimiter)
const env: NodeJS.ProcessEnv = {
  PATH: path,
  HOME: base,
  HAWSER_NODE: process.execPath,
  HAWSER_STATE_DIR: join(base, 'state'),
}
const at = { work: base, env, repeat: 1 }
const [tree, copy] = [join(base, 'tree'), join(base, 'copy')]
for (let number = 0; number < files; number++) {
  const directory = join(tree, `dir-${String(Math.floor(number / 1000)).padStart(4, '0')}`)
  if (number % 1000 === 0) mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `file-${number}.dat`), String(number).padEnd(64, '.'))
}
measure(['hawser', 'sync', '-q', tree, copy], at)
rmSync(copy, { recursive: true })

const git = ['git', '-C', tree]
const commands: readonly [what: string, command: readonly string[]][] = [
  ['hawser status', ['hawser', 'status', tree]],
  ['git status', [...git, 'status', '--porcelain']],
  ['find -printf', ['find', tree, '-type', 'f', '-printf', '%s %T@ %i %P\\n']],
]
// What git looks after is kept outside of the tree, which none of the others is to find.
Object.assign(env, { GIT_DIR: join(base, 'git'), GIT_WORK_TREE: tree })
measure(['git', 'init', '-q'], at)
measure(['git', '-C', tree, 'add', '-A'], at)
measure([...git, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'all'], at)

const costs = new Map<string, Cost[]>()
const before = loadavg()[0] ?? NaN
for (let round = 0; round <= rounds; round++)
  for (const [what, command] of commands) {
    const cost = measure(command, at)
    // The first one is for the caches of the machine.
    if (round > 0) costs.set(what, [...(costs.get(what) ?? []), cost])
  }

const [cpu] = cpus()
console.log(
  `- ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model}, Linux ${release()}, Node ${process.version}; ${files} files, ${rounds} rounds; load ${before.toFixed(1)} at the start, ${(loadavg()[0] ?? NaN).toFixed(1)} at the end\n`,
)
console.log('| program | files for a CPU s | files a second | CPU s | wall s | peak MB |')
console.log('|---|--:|--:|--:|--:|--:|')
for (const [what, all] of costs) {
  const { cpu: seconds, wall, memory } = medianCost(all)
  const rates = [seconds, wall].map((time) => Math.round(files / time).toLocaleString('en'))
  const times = [seconds, wall].map((time) => time.toFixed(2))
  console.log(`| ${[what, ...rates, ...times, memory.toFixed(0)].join(' | ')} |`)
}
