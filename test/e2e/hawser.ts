// Runs the built command as a user does, each test with its own state.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { S3Endpoint } from '../servers/s3.ts'

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'hawser')

export interface Run {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** The most memory that the process held, in bytes, as the kernel counted it. */
  readonly peakMemory: number
}

export interface RunSettings {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: Readable | string
  /** Called once the process runs, for tests that kill it. */
  readonly onStart?: (child: ChildProcess) => void
}

/** The environment of a user of this endpoint and nothing else of the machine's. */
export function userOf(endpoint: S3Endpoint, state: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: endpoint.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.secretAccessKey,
    AWS_REGION: endpoint.region,
    AWS_ENDPOINT_URL: endpoint.url,
    ...localUser(state),
  }
}

export function localUser(state: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: state, HAWSER_STATE_DIR: join(state, 'state') }
}

export function hawser(argv: readonly string[], settings: RunSettings = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(launcher, argv, {
      cwd: settings.cwd,
      env: { ...settings.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const peak = watchMemory(child)
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    child.stdin.on('error', () => {}) // the command may end before it has read everything
    if (typeof settings.input === 'string') child.stdin.end(settings.input)
    else if (settings.input) settings.input.pipe(child.stdin)
    else child.stdin.end()
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: stdout(), stderr: stderr(), peakMemory: peak() })
    })
    settings.onStart?.(child)
  })
}

/** The summary event of a run with `--json`. */
export function summaryOf(run: Run): Summary {
  for (const line of run.stdout.trim().split('\n').toReversed()) {
    const event: unknown = JSON.parse(line)
    if (isSummaryEvent(event)) return event.summary
  }
  throw new Error(`no summary in: ${run.stdout}\n${run.stderr}`)
}

export interface Summary {
  readonly copied: number
  readonly updated: number
  readonly removed: number
  readonly unchanged: number
  readonly skipped: number
  readonly failed: number
  readonly bytes: number
  readonly saved: number
  readonly traffic: {
    readonly requests: Record<string, number>
    readonly sent: number
    readonly received: number
  }
}

function isSummaryEvent(event: unknown): event is { summary: Summary } {
  return (
    typeof event === 'object' &&
    event !== null &&
    'type' in event &&
    event.type === 'summary' &&
    'summary' in event
  )
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

/** Asks the kernel for the high-water mark while the process lives. */
function watchMemory(child: ChildProcess): () => number {
  let peak = 0
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0))
    } catch {
      // It has ended, or this system has no /proc.
    }
  }
  const timer = setInterval(look, 20)
  child.once('exit', () => clearInterval(timer))
  return () => peak
}
