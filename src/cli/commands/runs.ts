// `runs` and `runs show`: what earlier runs did, from the history and their logs.
import { existsSync } from 'node:fs'
import { integer } from '../../config/option.ts'
import { HawserError } from '../../core/errors.ts'
import { linesOfLog, logOf } from '../../state/logs.ts'
import type { RunRecord } from '../../state/types.ts'
import { type Command, type Context, defineCommand, type Outcome, usageError } from '../command.ts'

const options = {
  limit: integer('--limit <n>', 'so many, the newest ones', 20, { min: 1, max: 1000 }),
}

export const runs: Command = defineCommand({
  arguments: { usage: '[show RUN]', min: 0, max: 2 },
  options,
  details:
    'Lists what sync, apply, cp, mv, rm and restore did, the newest first. "show" tells one with each object: RUN is its id, or a beginning of that which no other has, or "last". The last thousand runs are kept, their logs for 30 days.',
  examples: [
    ['runs --limit 5', 'the last five'],
    ['runs show last', 'what the last one did, and to what'],
    ['runs show --json 20261121T0409', 'the same as records, of the run of that minute (UTC)'],
  ],
  async run([action, id], { limit }, context) {
    if (action === undefined) return { kind: 'runs', runs: newest(limit, context) }
    if (action !== 'show') throw usageError(`runs knows show, not ${JSON.stringify(action)}`)
    if (id === undefined) throw usageError('runs show needs a run', 'As in: hawser runs show last')
    return show(id, context)
  },
})

async function* newest(limit: number, context: Context): AsyncGenerator<RunRecord> {
  const state = await context.stateIfThere()
  if (state) yield* state.runs.list(limit)
}

async function show(id: string, { stateIfThere, logDirectory }: Context): Promise<Outcome> {
  const history = (await stateIfThere())?.runs
  const run = await (id === 'last' ? history?.latest() : history?.get(id))
  if (!run) throw noSuchRun(id)
  const log = logOf(logDirectory, run.id)
  return { kind: 'run-log', run, log, lines: existsSync(log) ? linesOfLog(log) : undefined }
}

function noSuchRun(id: string): HawserError {
  const what = id === 'last' ? 'there is no run yet' : `no run has the id ${JSON.stringify(id)}`
  return new HawserError('not-found', what, {
    op: 'runs',
    hint: 'Those that are known are told by: hawser runs',
  })
}
