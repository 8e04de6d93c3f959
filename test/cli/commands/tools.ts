// The whole command in this process, in a directory of its own.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { run } from '../../../src/cli/run.ts'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Settings {
  readonly environment?: Readonly<Record<string, string>>
  readonly terminal?: boolean
  /** What standard input gives. */
  readonly input?: string
}

/** A directory that holds these files, and the command in it; `@` in its arguments stands for the directory. */
export async function commandIn(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<{
  readonly root: string
  readonly hawser: (argv: readonly string[], settings?: Settings) => Promise<Result>
}> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hawser-command-')))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
  return { root, hawser: (argv, settings) => hawserIn(root, argv, settings) }
}

async function hawserIn(
  root: string,
  argv: readonly string[],
  { environment = {}, terminal = false, input = '' }: Settings = {},
): Promise<Result> {
  const [stdout, stderr] = [new Capture(), new Capture()]
  stdout.isTTY = terminal
  const code = await run(
    argv.map((arg) => arg.replace(/^@/, root)),
    {
      environment: { HOME: root, HAWSER_STATE_DIR: join(root, '.state'), ...environment },
      stdin: Readable.from([Buffer.from(input)]),
      stdout,
      stderr,
    },
  )
  return { code, out: stdout.text, err: stderr.text }
}

/** Lines of JSON, as they were printed. */
export function records({ out }: Result): unknown[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

class Capture extends Writable {
  readonly chunks: Buffer[] = []
  isTTY = false
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }
  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }
}
