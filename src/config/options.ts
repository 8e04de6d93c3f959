// The options that every command takes. Each may be set by the environment too: `--part-size` by HAWSER_PART_SIZE.
import {
  choiceFlag,
  count,
  duration,
  flag,
  integer,
  oneOf,
  type OptionSpec,
  size,
  text,
  value,
} from './option.ts'
import type { Timetable } from '../core/timetable.ts'
import { bandwidth } from './bandwidth.ts'

export interface GlobalOptions {
  readonly profile: string | undefined
  readonly endpoint: string | undefined
  readonly region: string | undefined
  readonly noSignRequest: boolean
  readonly sseCKeyFile: string | undefined
  readonly sidecarPrefix: string | undefined
  readonly jobs: number | undefined
  /** Bytes. */
  readonly partSize: number | undefined
  readonly retries: number | undefined
  /** Milliseconds. */
  readonly timeout: number | undefined
  /** Bytes for each second. */
  readonly bwlimit: number | Timetable | undefined
  readonly stateDir: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: number
  /** Undefined: shown on a terminal. */
  readonly progress: boolean | undefined
  readonly logFile: string | undefined
  readonly logFormat: 'text' | 'json'
  /** Of the logs of single runs. */
  readonly logDir: string | undefined
}

type Specs = { readonly [K in keyof GlobalOptions]: OptionSpec<GlobalOptions[K]> }

const mebibyte = 1024 ** 2

export const connectionOptions: Pick<
  Specs,
  'profile' | 'endpoint' | 'region' | 'noSignRequest' | 'sseCKeyFile' | 'sidecarPrefix'
> = {
  profile: text('--profile <name>', 'the profile of ~/.aws/config and ~/.aws/credentials to use'),
  endpoint: text('--endpoint <url>', 'the service to speak to, such as http://127.0.0.1:9000'),
  region: text('--region <name>', "the service's region"),
  noSignRequest: flag('--no-sign-request', 'sign nothing: for public buckets'),
  sseCKeyFile: text(
    '--sse-c-key-file <file>',
    'a key that the service encrypts with and does not keep',
  ),
  sidecarPrefix: value<string | undefined>(
    '--sidecar-prefix <key>',
    'where signatures are in the bucket (.hawser/)',
    undefined,
    'a prefix of keys, such as .hawser/',
    (given) => (given === '' || given.startsWith('/') ? undefined : given.replace(/\/*$/, '/')),
  ),
}

type TransferOption = 'jobs' | 'partSize' | 'retries' | 'timeout' | 'bwlimit' | 'stateDir'
export const transferOptions: Pick<Specs, TransferOption> = {
  jobs: integer('-j, --jobs <n>', 'how many transfers at once (32)', undefined, {
    min: 1,
    max: 1024,
  }),
  partSize: size('--part-size <size>', 'the size of the parts of large objects (8M)', {
    min: 5 * mebibyte,
    max: 5120 * mebibyte,
    accepted: 'a size from 5M to 5G, such as 16M',
  }),
  retries: integer('--retries <n>', 'how often to try a request again (5)', undefined, {
    min: 0,
    max: 100,
  }),
  timeout: duration(
    '--timeout <time>',
    'give up on a request after this time without a byte (60s)',
  ),
  bwlimit: bandwidth(
    '--bwlimit <rate>',
    'the most bytes for each second over the network, such as 10M, or a timetable of rates',
  ),
  stateDir: text('--state-dir <dir>', 'where runs keep what they know (~/.local/state/hawser)'),
}

type OutputOption = 'json' | 'quiet' | 'verbose' | 'progress' | 'logFile' | 'logFormat' | 'logDir'
export const outputOptions: Pick<Specs, OutputOption> = {
  json: flag('--json', 'one JSON object for each line on standard output'),
  quiet: flag('-q, --quiet', 'say nothing but errors'),
  verbose: count('-v, --verbose', 'name each object that is done; -vv also explains errors'),
  progress: choiceFlag(
    '-P, --progress',
    'show progress even where there is no terminal',
    'show no progress',
  ),
  logFile: text('--log-file <file>', 'append what happens to this file'),
  logFormat: oneOf('--log-format <format>', "the log file's form: text or json", ['text', 'json']),
  logDir: text('--log-dir <dir>', 'where each run keeps its own log (logs in --state-dir)'),
}

export const globalOptions: Specs = { ...connectionOptions, ...transferOptions, ...outputOptions }
