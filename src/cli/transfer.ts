// What every command that moves bytes hands to the run.
import { flag, type OptionSpec } from '../config/option.ts'
import type { TransferOptions } from '../sync/options.ts'
import type { Context } from './command.ts'

export const dryRunOption: OptionSpec<boolean> = flag(
  '-n, --dry-run',
  'do nothing, tell what would be done',
)
export const archiveOption: OptionSpec<boolean> = flag(
  '-a, --archive',
  'keep permissions, symbolic links and empty directories too',
)

export async function transferOptionsOf(
  context: Context,
  { dryRun, archive }: { readonly dryRun: boolean; readonly archive: boolean },
): Promise<TransferOptions> {
  const { jobs, partSize } = context.options
  const { signal, onEvent, meter } = context
  return { state: await context.state(), jobs, partSize, signal, onEvent, meter, dryRun, archive }
}
