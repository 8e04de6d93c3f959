// One run of the command, from its arguments to its exit code.
import { Opened } from '../core/opened.ts'
import { addAbortSignal, type Readable } from 'node:stream'
import { defaultStateDirectory, type Environment } from '../config/environment.ts'
import { readCustomerKey } from '../config/customer-key.ts'
import { resolveOptions } from '../config/option.ts'
import { type GlobalOptions, globalOptions } from '../config/options.ts'
import { asHawserError, isAbort } from '../core/errors.ts'
import type { EventSink } from '../core/events.ts'
import { RunMeter } from '../core/meter.ts'
import type { OpenOptions } from '../open.ts'
import { defaultLogDirectory } from '../state/logs.ts'
import type { State } from '../state/types.ts'
import type { Context } from './command.ts'
import { interruptible } from './interrupt.ts'
import { sharedPlaces } from '../places.ts'
import { type Invocation, parseCommandLine } from './program.ts'
import { describeFailure, exitCodeOfThrown } from './report/errors.ts'
import { printOutcome } from './report/outcome.ts'
import { Session, type TextStream } from './report/session.ts'
import { Output } from './report/stdout.ts'

export interface Surroundings {
  readonly environment: Environment
  readonly stdin: Readable
  readonly stdout: TextStream
  readonly stderr: TextStream
}

/** Runs the command line (without the program's name) and resolves with the exit code. Never rejects. */
export async function run(argv: readonly string[], around: Surroundings): Promise<number> {
  try {
    const parsed = await parseCommandLine(argv, around.stdout.columns ?? 80)
    if ('exitCode' in parsed) {
      const stream = parsed.exitCode === 0 ? around.stdout : around.stderr
      const output = new Output(stream)
      await output.text(parsed.text)
      await output.flush()
      return parsed.exitCode
    }
    const options = resolveOptions(globalOptions, parsed.given, around.environment)
    return await runCommand(parsed, options, around)
  } catch (error) {
    around.stderr.write(`${describeFailure(error, 0)}\n`)
    return exitCodeOfThrown(error)
  }
}

async function runCommand(
  { command, operands, given }: Invocation,
  options: GlobalOptions,
  around: Surroundings,
): Promise<number> {
  const output = new Output(around.stdout)
  const logs = logDirectoryOf(options, around.environment)
  const session = new Session(options, output, around.stderr, logs)
  using interrupt = interruptible(() =>
    session.note('hawser: stopping in good order; press Ctrl-C again to end at once'),
  )
  let toPrograms = true
  try {
    await using opened = new Opened()
    const context = contextOf(options, around, { session, signal: interrupt.signal, opened })
    const outcome = await command.run(operands, given, context)
    toPrograms = outcome.kind !== 'bytes'
    if (outcome.kind === 'bucket') session.note(`${outcome.done} ${outcome.address}`)
    const exitCode = await printOutcome(outcome, output, options)
    await output.flush()
    return exitCode
  } catch (error) {
    await output.flush().catch(() => {})
    const failure = isAbort(error) ? asHawserError(error, { op: 'run' }) : error
    session.failure(failure, toPrograms)
    return exitCodeOfThrown(failure)
  } finally {
    session.end()
  }
}

interface Parts {
  readonly session: Session
  readonly signal: AbortSignal
  /** What is opened is closed with this. */
  readonly opened: Opened
}

function contextOf(
  options: GlobalOptions,
  around: Surroundings,
  { session, signal, opened }: Parts,
): Context {
  const meter = new RunMeter()
  const settings = openOptionsOf(options, around.environment, session.sink, signal)
  let state: Promise<State> | undefined
  const openIt = (): Promise<State> => (state ??= openStateOf(options, around.environment, opened))
  return {
    environment: around.environment,
    options,
    logDirectory: logDirectoryOf(options, around.environment),
    signal,
    meter,
    onEvent: session.sink,
    open: sharedPlaces(settings, opened),
    state: openIt,
    async stateIfThere() {
      const { hasState } = await import('../state/state.ts')
      return state || hasState(stateDirectoryOf(options, around.environment)) ? openIt() : undefined
    },
    input: () => addAbortSignal(signal, around.stdin),
  }
}

function stateDirectoryOf({ stateDir }: GlobalOptions, environment: Environment): string {
  return stateDir ?? defaultStateDirectory(environment)
}

function logDirectoryOf(options: GlobalOptions, environment: Environment): string {
  return options.logDir ?? defaultLogDirectory(stateDirectoryOf(options, environment))
}

async function openStateOf(
  options: GlobalOptions,
  environment: Environment,
  opened: Opened,
): Promise<State> {
  const { openState } = await import('../state/state.ts')
  return opened.use(await openState(stateDirectoryOf(options, environment)))
}

function openOptionsOf(
  options: GlobalOptions,
  environment: Environment,
  onEvent: EventSink,
  signal: AbortSignal,
): OpenOptions {
  const { endpoint, region, profile, noSignRequest, retries, timeout, bwlimit, jobs } = options
  const { sseCKeyFile, sidecarPrefix } = options
  return {
    endpoint,
    region,
    profile,
    anonymous: noSignRequest,
    environment,
    reserved: sidecarPrefix,
    customerKey: sseCKeyFile === undefined ? undefined : readCustomerKey(sseCKeyFile),
    retries,
    timeout,
    bwlimit,
    // A transfer may list and look up beside the bytes that it moves.
    connections: jobs === undefined ? undefined : Math.max(64, 2 * jobs),
    signal,
    onRetry: (error, attempt, delay) => onEvent({ type: 'retry', error, attempt, delay }),
    onSlower: (requests) => onEvent({ type: 'slower', requests }),
  }
}
