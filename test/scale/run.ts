// Runs the scale program as the command is run: bundled, in a process of its own, with the command's own flags.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'tsdown'

const root = join(import.meta.dirname, '../..')

export interface Scaled {
  /** Counts of objects, as the work defines them. */
  readonly found: readonly number[]
  /** The most memory, in MB (10^6 bytes). */
  readonly memory: number
  /** Seconds of all threads, and of the clock. */
  readonly cpu: number
  readonly wall: number
}

export interface ScaleProgram extends AsyncDisposable {
  run(work: 'sync' | 'remove' | 'ls', count: number): Promise<Scaled>
}

export async function bundledProgram(): Promise<ScaleProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-scale-'))
  const { flags, environment } = await launcherSettings()
  await build({
    config: false,
    cwd: root,
    entry: { scale: 'test/scale/programs/scale.ts', 'state-worker': 'src/state/worker.ts' },
    outDir: join(directory, 'program'),
    platform: 'node',
    format: 'esm',
    target: 'node22.18',
    dts: false,
    logLevel: 'warn',
  })
  // Libraries stay outside of the bundle, as in the package.
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  return {
    async run(work, count) {
      const state = await mkdtemp(join(directory, 'state-'))
      const program = join(directory, 'program', 'scale.mjs')
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...flags, program, work, String(count), state],
        { env: { ...process.env, ...environment, NODE_OPTIONS: '' } },
      )
      await rm(state, { recursive: true })
      const told: Scaled = JSON.parse(stdout)
      return told
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

/** What the command's first line gives to Node. */
async function launcherSettings(): Promise<{
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}> {
  const [line = ''] = (await readFile(join(root, 'src/cli/main.ts'), 'utf8')).split('\n', 1)
  const words = line.split(' ')
  const settings = words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('='))
  return {
    flags: words.filter((word) => word.startsWith('--')),
    environment: Object.fromEntries(settings),
  }
}
