// Thaws archived objects: finds out which there are, tells what it costs, asks for them, and waits where that is wanted.
import { Opened } from '../core/opened.ts'
import { addressOfPlace } from '../core/place.ts'
import type { Spool } from '../state/types.ts'
import { archiveOf, type ArchivePlace } from './archives.ts'
import { givenOf, recorded } from './history.ts'
import { type RestoreOptions, type RestoreResult, RestoreRun } from './restore-run.ts'

/**
 * Failures of single objects are in the result.
 * @throws HawserError unsupported for a store without archives; not-found; guard for what costs more than it may
 */
export async function restore(
  places: readonly ArchivePlace[],
  options: RestoreOptions,
): Promise<RestoreResult> {
  places.forEach(archiveOf)
  const from = places.map(addressOfPlace).join(' ')
  const { state, dryRun, tier, days, recursive, remembered, wait, maxCost } = options
  const run = new RestoreRun(options)
  if (dryRun) return restoreAll(places, options, run, from)
  const given = givenOf({ tier, days, recursive, remembered, wait, maxCost })
  const start = { command: 'restore', from, to: undefined, options: given }
  return recorded(state.runs, start, run, (id) => restoreAll(places, options, run, from, id))
}

async function restoreAll(
  places: readonly ArchivePlace[],
  options: RestoreOptions,
  run: RestoreRun,
  from: string,
  id?: string,
): Promise<RestoreResult> {
  run.start(from, id)
  const surveys: { readonly place: ArchivePlace; readonly spool: Spool }[] = []
  await using opened = new Opened()
  for (const place of places) {
    const spool = opened.use(await options.state.spool())
    await run.survey(place, spool)
    surveys.push({ place, spool })
  }
  run.tellCost()
  for (const { place, spool } of surveys) await run.ask(place, spool)
  if (options.wait && !options.dryRun)
    for (const { place, spool } of surveys) await run.wait(place, spool)
  await options.state.archives.flush()
  return run.finish()
}
