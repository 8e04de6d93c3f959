// `plan`: writes down what a sync would do, for `apply`.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SpecsOf, text } from '../../config/option.ts'
import { version } from '../../config/version.ts'
import type { EventSink } from '../../core/events.ts'
import { reportPlace } from '../../cost/report-file.ts'
import { writePlan } from '../../sync/plan/file.ts'
import { plan as planTrees } from '../../sync/plan/plan.ts'
import type { PlanSettings } from '../../sync/plan/settings.ts'
import type { RunResult } from '../../sync/report.ts'
import { type Command, type Context, defineCommand, type Outcome, usageError } from '../command.ts'
import { type Syncing, syncingOf, syncOptions, type SyncValues } from '../syncing.ts'

type Decided = 'dryRun' | 'report' | 'maxTransfer' | 'maxDuration' | 'failOnConflict'
interface PlanValues extends Omit<SyncValues, Decided> {
  readonly output: string | undefined
}

const {
  dryRun: _dryRun,
  report: _report,
  maxTransfer: _maxTransfer,
  maxDuration: _maxDuration,
  failOnConflict: _failOnConflict,
  ...ofSync
} = syncOptions

const options: SpecsOf<PlanValues> = {
  output: text('-o, --output <file>', 'write the plan to this file (standard output)'),
  ...ofSync,
}

/** What an apply is told, and a plan is not. */
const decidedLater = {
  dryRun: true,
  report: undefined,
  maxTransfer: undefined,
  maxDuration: undefined,
  failOnConflict: false,
}

export const plan: Command = defineCommand({
  arguments: { usage: 'SRC DST', min: 2, max: 2 },
  options,
  details:
    'Changes nothing. Finds out what sync would do with the same options, and writes it down: what it takes in all, then a line of JSON for each object with what it was on both sides. hawser apply does it. Nothing is written where something failed.',
  examples: [
    ['plan --delete ./models s3://bucket/models -o models.plan', 'to read, and to apply later'],
    ['plan ./models s3://bucket/models | head -1', 'what it takes in all'],
  ],
  async run(operands, given, context) {
    const output = given.output === '-' ? undefined : given.output
    if (output === undefined && context.options.json)
      throw usageError('--json needs -o: standard output has room for one of them')
    if (output !== undefined) reportPlace(output, 'plan')
    const syncing = await syncingOf(operands, { ...given, ...decidedLater }, context)
    if (output === undefined) return planned(syncing, keysOf(given, context), context)
    return {
      kind: 'run',
      result: await planTo(output, syncing, keysOf(given, context), context.onEvent),
    }
  },
})

type Keys = Pick<PlanSettings, 'customerKey' | 'customerSourceKey'>

/** Which customer's keys there are, so that an apply without them is refused. */
function keysOf({ sseCSourceKeyFile }: PlanValues, { options: { sseCKeyFile } }: Context): Keys {
  return {
    customerKey: sseCKeyFile !== undefined || undefined,
    customerSourceKey: sseCSourceKeyFile !== undefined || undefined,
  }
}

function planTo(
  file: string,
  syncing: Syncing,
  keys: Keys,
  onEvent: EventSink,
): Promise<RunResult> {
  const { source, target, settings } = syncing
  return planTrees(source, target, { ...settings, onEvent, hawser: version }, (header, lines) =>
    writePlan(file, { ...header, settings: { ...header.settings, ...keys } }, lines),
  )
}

/** Its totals come first and are known last, so that all of it waits in a file. */
async function planned(syncing: Syncing, keys: Keys, { onEvent }: Context): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-plan-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  const file = join(directory, 'plan')
  try {
    // What is done would be told on standard output, where the plan tells it.
    const result = await planTo(file, syncing, keys, (event) => {
      if (event.type !== 'done') onEvent(event)
    })
    if (result.summary.failed > 0) {
      await remove()
      return { kind: 'run', result }
    }
    return { kind: 'bytes', bytes: readOnce(file, remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

async function* readOnce(file: string, remove: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk
  } finally {
    await remove()
  }
}
