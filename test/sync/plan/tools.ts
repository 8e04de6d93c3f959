// Plans in files, and what an apply makes of them.
import { join } from 'node:path'
import type { Place } from '../../../src/core/place.ts'
import type { State } from '../../../src/state/state.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import { apply, type ApplyOptions } from '../../../src/sync/plan/apply.ts'
import { PlanFile, writePlan } from '../../../src/sync/plan/file.ts'
import { plan } from '../../../src/sync/plan/plan.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { temporaryDirectory } from '../../transfer/tools.ts'

export interface Planned {
  readonly file: string
  readonly result: RunResult
}

/** @param file where it goes; a temporary one unless given */
export async function planTo(
  from: Place,
  to: Place,
  options: Partial<SyncOptions> & { readonly state: State },
  file?: string,
): Promise<Planned> {
  const path = file ?? join(await temporaryDirectory(), 'plan')
  const result = await plan(from, to, { ...options, hawser: '0.0.0' }, (header, lines) =>
    writePlan(path, header, lines),
  )
  return { file: path, result }
}

export async function applyFile(
  file: string,
  from: Place,
  to: Place,
  options: ApplyOptions,
): Promise<RunResult> {
  await using read = await PlanFile.open(file)
  return await apply(from, to, read, options)
}
