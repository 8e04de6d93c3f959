// What a command costs, by GNU time: with its children, whatever language it is in.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface Cost {
  /** User and system time, in seconds. */
  readonly cpu: number
  /** Seconds. */
  readonly wall: number
  /** The largest resident set of one process, in MB (10^6 bytes). */
  readonly memory: number
}

/** @throws Error with what the command said, when it fails */
export function measure(
  command: readonly string[],
  at: { readonly work: string; readonly env: NodeJS.ProcessEnv; readonly repeat: number },
): Cost {
  const { work, env, repeat } = at
  const costFile = join(work, 'cost')
  const again = [
    'sh',
    '-c',
    `i=0; while [ $i -lt ${repeat} ]; do "$@" || exit; i=$((i+1)); done`,
    'sh',
  ]
  const run = spawnSync(
    'time',
    ['-q', '-f', '%U %S %e %M', '-o', costFile, ...(repeat === 1 ? [] : again), ...command],
    { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 26 },
  )
  if (run.error) throw run.error
  if (run.status !== 0) throw new Error(`${command.join(' ')}: ${run.stderr.slice(-2000)}`)
  const [user = NaN, system = NaN, wall = NaN, kibibytes = NaN] = readFileSync(costFile, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
  rmSync(costFile)
  return {
    cpu: (user + system) / repeat,
    wall: wall / repeat,
    memory: (kibibytes * 1024) / 1e6,
  }
}

/** Medians; of memory the maximum. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    cpu: median(costs.map(({ cpu }) => cpu)),
    wall: median(costs.map(({ wall }) => wall)),
    memory: Math.max(...costs.map(({ memory }) => memory)),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN
  return (lower + upper) / 2
}
