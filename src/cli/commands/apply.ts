// `apply`: does what a plan says.
import { treeAddress } from '../../address.ts'
import { readCustomerKey } from '../../config/customer-key.ts'
import { type RunLimitOptions, runLimitOptions } from '../../config/run-limits.ts'
import { type SpecsOf, text } from '../../config/option.ts'
import { apply as applyPlan, type ApplyOptions, requirePlanned } from '../../sync/plan/apply.ts'
import { PlanFile } from '../../sync/plan/file.ts'
import type { PlanSettings } from '../../sync/plan/settings.ts'
import { createBucketOf } from '../bucket.ts'
import { type Command, type Context, defineCommand, usageError } from '../command.ts'
import { reported } from '../reported.ts'
import { pricesOf, pricesOption } from '../prices.ts'
import { dryRunOption } from '../transfer.ts'

interface ApplyValues extends RunLimitOptions {
  readonly dryRun: boolean
  readonly report: string | undefined
  readonly prices: string | undefined
  readonly sseCSourceKeyFile: string | undefined
}

const options: SpecsOf<ApplyValues> = {
  dryRun: dryRunOption,
  report: text('--report <file>', 'write what was expected, and what came of it, as JSON'),
  prices: pricesOption,
  sseCSourceKeyFile: text(
    '--sse-c-source-key-file <file>',
    'the key that SRC is encrypted with, where it is another',
  ),
  ...runLimitOptions,
}

export const apply: Command = defineCommand({
  arguments: { usage: 'PLAN', min: 1, max: 1 },
  options,
  details:
    'Does what hawser plan wrote down, and nothing else. Each object must be what it was then, on both sides: what is not is left and named, the others go on, and nothing is removed then (6). Run again after an interruption or a failure, it goes on where it ended; what is done already is not done twice.',
  examples: [
    ['apply models.plan', 'all of it'],
    ['apply -n models.plan', 'what is still to be done, and what is no longer as it was'],
  ],
  async run([file = ''], given, context) {
    await using plan = await PlanFile.open(file, context.signal)
    const { settings, from, to } = plan.header
    const { links, backupDir, createBucket } = settings
    requireKeys(settings, given, context)
    const source = await context.open(treeAddress(from.address), {
      followLinks: links === 'copy',
      ...sourceKeyOf(given),
    })
    const target = await context.open(treeAddress(to.address))
    requirePlanned(target, to)
    if (createBucket && !given.dryRun) await createBucketOf(to.address, context)
    const how: ApplyOptions = {
      ...(await howOf(given, context)),
      backupDir: backupDir === undefined ? undefined : await context.open(treeAddress(backupDir)),
    }
    const description = { command: 'apply', from: [source], to: target, options: how }
    return await reported(given.report, description, () => applyPlan(source, target, plan, how))
  },
})

/** A key that is forgotten would leave what is sent without its encryption. */
function requireKeys(
  { customerKey, customerSourceKey }: PlanSettings,
  { sseCSourceKeyFile }: ApplyValues,
  { options: { sseCKeyFile } }: Context,
): void {
  requireSame('--sse-c-key-file', customerKey, sseCKeyFile)
  requireSame('--sse-c-source-key-file', customerSourceKey, sseCSourceKeyFile)
}

function requireSame(option: string, planned: boolean | undefined, given: unknown): void {
  if ((planned ?? false) === (given !== undefined)) return
  throw usageError(`the plan was made ${planned ? 'with' : 'without'} ${option}`)
}

function sourceKeyOf({ sseCSourceKeyFile: file }: ApplyValues) {
  return file === undefined ? {} : { customerKey: readCustomerKey(file) }
}

async function howOf(given: ApplyValues, context: Context): Promise<ApplyOptions> {
  const { jobs, partSize } = context.options
  const { signal, onEvent, meter } = context
  const { dryRun, prices, maxTransfer, maxDuration } = given
  return {
    state: await context.state(),
    prices: await pricesOf(prices, context),
    jobs,
    partSize,
    signal,
    onEvent,
    meter,
    dryRun,
    maxTransfer,
    maxDuration,
  }
}
