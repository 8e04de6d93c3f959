// Runs `hawser serve s3` as a user does, until the test is over.
import type { ChildProcess } from 'node:child_process'
import { hawser, type Run, type RunSettings } from './hawser.ts'

export interface Serving extends AsyncDisposable {
  /** What it said on standard output once it listened. */
  readonly said: string
  readonly url: string
  /** What its clients are to have in their environment, as it said. */
  readonly exports: Readonly<Record<string, string>>
  readonly child: ChildProcess
  /** Resolves when standard error has said this. */
  hears(words: string): Promise<void>
  /** Sends it a signal, and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<Run>
}

/** @param argv what follows `serve s3`; without `--listen`, any free port is taken */
export async function serving(
  argv: readonly string[],
  settings: RunSettings = {},
): Promise<Serving> {
  const started = Promise.withResolvers<ChildProcess>()
  let [said, errors] = ['', '']
  const ended = hawser(['serve', 's3', ...listening(argv)], {
    ...settings,
    onStart(child) {
      child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)))
      child.stdout?.on('data', (chunk: Buffer) => {
        said += String(chunk)
        if (said.endsWith('\n')) started.resolve(child)
      })
    },
  })
  const early = ended.then((run) => {
    throw new Error(`the server ended with ${run.code}: ${run.stderr}`)
  })
  const child = await Promise.race([started.promise, early])
  early.catch(() => {})
  const stop = (signal: NodeJS.Signals = 'SIGINT'): Promise<Run> => {
    child.kill(signal)
    return ended
  }
  return {
    said,
    url: /https?:\/\/[^\s;"]+/.exec(said)?.[0] ?? '',
    exports: Object.fromEntries(
      [...said.matchAll(/(AWS_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    ),
    child,
    stop,
    hears: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (errors.includes(words)) resolve()
        }
        child.stderr?.on('data', look)
        child.once('exit', () => reject(new Error(`the server ended, and did not say ${words}`)))
        look()
      }),
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
    },
  }
}

function listening(argv: readonly string[]): readonly string[] {
  return argv.includes('--listen') ? argv : [...argv, '--listen', '127.0.0.1:0']
}
