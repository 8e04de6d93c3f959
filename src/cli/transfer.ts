// What every command that moves bytes hands to the run.
import { readCustomerKey } from '../config/customer-key.ts'
import { flag, oneOfOrNone, type OptionSpec, type SpecsOf, text, under } from '../config/option.ts'
import { deltaOptions, type DeltaValues } from '../config/delta.ts'
import { type RunLimitOptions, runLimitOptions } from '../config/run-limits.ts'
import type { OpenOptions } from '../open.ts'
import type { DeltaOptions, LinkPolicy, TransferOptions } from '../sync/options.ts'
import { type Context, usageError } from './command.ts'
import {
  compressionOf,
  compressionOptions,
  type CompressionValues,
  refuseUncompressible,
} from './compression.ts'
import { propertiesOf, propertyOptions, type PropertyValues } from './properties.ts'
import { pricesOf, pricesOption } from './prices.ts'

export const dryRunOption: OptionSpec<boolean> = flag(
  '-n, --dry-run',
  'do nothing, tell what would be done',
)

export interface MovingValues
  extends PropertyValues, RunLimitOptions, DeltaValues, CompressionValues {
  readonly dryRun: boolean
  readonly archive: boolean
  readonly links: LinkPolicy | undefined
  readonly xattrs: boolean
  readonly numericIds: boolean
  readonly skipVanished: boolean
  readonly verify: boolean
  readonly prices: string | undefined
  readonly report: string | undefined
  readonly createBucket: boolean
  readonly sseCSourceKeyFile: string | undefined
}

/** Of commands that copy. */
export const movingOptions: SpecsOf<MovingValues> = {
  archive: flag(
    '-a, --archive',
    'keep permissions, owners, symbolic links and empty directories too',
  ),
  links: oneOfOrNone(
    '--links <what>',
    'symbolic links: skip, copy what they point to, or preserve (skip; with -a preserve)',
    ['skip', 'copy', 'preserve'],
  ),
  xattrs: flag('-X, --xattrs', 'with -a: extended attributes too'),
  numericIds: flag('--numeric-ids', 'with -a: owners by number, whatever their names are'),
  skipVanished: flag('--skip-vanished', 'what is gone when its turn comes is no failure'),
  verify: flag(
    '--verify',
    'read back what the service does not confirm, before what it replaces goes',
  ),
  createBucket: flag('--create-bucket', "make the destination's bucket where it is missing"),
  sseCSourceKeyFile: text(
    '--sse-c-source-key-file <file>',
    'the key that SRC is encrypted with, where it is another',
  ),
  ...compressionOptions,
  dryRun: dryRunOption,
  report: text('--report <file>', 'write what was expected, and what came of it, as JSON'),
  prices: pricesOption,
  ...runLimitOptions,
  ...under('Big objects that changed:', deltaOptions),
  ...under('Properties of what is copied:', propertyOptions),
}

/** How sources are opened. @throws HawserError local-io, invalid-config */
export function sourceOf({
  links,
  sseCSourceKeyFile,
}: MovingValues): Pick<OpenOptions, 'followLinks' | 'customerKey'> {
  const customerKey =
    sseCSourceKeyFile === undefined ? {} : { customerKey: readCustomerKey(sseCSourceKeyFile) }
  return { followLinks: links === 'copy', ...customerKey }
}

/** Before anything is done. @throws HawserError invalid-argument for what would be ignored */
export function refuseIgnored(given: MovingValues): void {
  const { archive, xattrs, numericIds } = given
  if (xattrs && !archive) throw usageError('--xattrs goes with -a, which keeps attributes')
  if (numericIds && !archive) throw usageError('--numeric-ids goes with -a, which keeps owners')
  refuseUncompressible(given)
}

export async function transferOptionsOf(
  context: Context,
  given: MovingValues,
): Promise<TransferOptions> {
  const { jobs, partSize } = context.options
  const { signal, onEvent, meter } = context
  const { prices, dryRun, archive, links, xattrs, numericIds } = given
  const { skipVanished, verify, maxTransfer, maxDuration } = given
  return {
    state: await context.state(),
    jobs,
    partSize,
    signal,
    onEvent,
    meter,
    prices: await pricesOf(prices, context),
    dryRun,
    archive,
    links,
    xattrs,
    numericIds,
    missingIsEmpty: dryRun && given.createBucket,
    skipVanished,
    verify,
    maxTransfer,
    maxDuration,
    delta: deltaOf(given),
    compress: compressionOf(given),
    ...propertiesOf(given),
  }
}

function deltaOf(given: DeltaValues): DeltaOptions | false {
  const { noDelta, deltaThreshold, blockSize, noSidecar } = given
  if (noDelta) return false
  return { threshold: deltaThreshold, average: blockSize, sidecars: !noSidecar }
}
