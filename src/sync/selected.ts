// What a run concerns itself with: what filters leave out passes neither as something to copy nor as something to remove.
import type { Place } from '../core/place.ts'
import type { Filter } from '../filter/types.ts'
import { withKnownSizes, withSizes } from './archived-size.ts'
import { backupsBelow } from './backup.ts'
import { type Candidate, isOfTheRun } from './decide.ts'
import type { Seen } from './deletes.ts'
import { seenAt, type Session } from './session.ts'

/** What one name is to the run. */
export interface Judged extends Candidate {
  /** It is none of the run's business. Told only of what the destination has: in a directory, it keeps that. */
  readonly leftOut?: true
}

/** @param seen counts what passes; of the source, what the filters leave out too: it is not empty because of them */
export async function* judged(
  session: Session,
  candidates: AsyncIterable<Candidate>,
  seen: Seen,
): AsyncGenerator<Judged> {
  const { filter, names, from, to, options, rules, report } = session
  const backups = backupsBelow(to, options)
  const reserved = reservedBelow(to)
  for await (const listed of candidates) {
    const candidate = rules.sizeOnly ? withKnownSizes(listed) : withSizes(from, to, listed)
    if (candidate.source) seen.source++
    if (reserved !== undefined && candidate.name.startsWith(reserved)) {
      if (candidate.source)
        report.skip(seenAt(from, candidate.source), 'a reserved name at the destination')
      continue
    }
    const isBeside =
      (backups !== undefined && candidate.name.startsWith(backups)) ||
      names?.isBelowObject(candidate.name)
    const passed = isBeside ? undefined : filter ? await filtered(filter, candidate) : candidate
    if (passed) {
      if (passed.target && isOfTheRun(passed.target, rules)) seen.target++
      yield passed
    } else if (candidate.target) yield { ...candidate, leftOut: true }
  }
}

/** Only what is the run's business. */
export async function* selected(
  session: Session,
  candidates: AsyncIterable<Candidate>,
  seen: Seen,
): AsyncGenerator<Candidate> {
  for await (const candidate of judged(session, candidates, seen))
    if (!candidate.leftOut) yield candidate
}

/** What names begin with that the destination does not list; undefined where it is not looked at from above. */
export function reservedBelow({ store, prefix }: Place): string | undefined {
  const { reserved } = store.traits
  if (reserved === undefined || reserved === prefix || !reserved.startsWith(prefix))
    return undefined
  return reserved.slice(prefix.length)
}

/** What a filter leaves of the candidates. */
export async function* filteredBy(
  filter: Filter,
  candidates: AsyncIterable<Candidate>,
): AsyncGenerator<Candidate> {
  for await (const candidate of candidates) {
    const passed = await filtered(filter, candidate)
    if (passed) yield passed
  }
}

/** The candidate as the run sees it; undefined where it is none of the run's business. */
async function filtered(filter: Filter, candidate: Candidate): Promise<Candidate | undefined> {
  const { name, source, target } = candidate
  const verdict = await filter.judge(name, source, target)
  const visible = verdict.hidden ? undefined : source
  if (visible) return candidate
  // A record of what is hidden is kept: it may be shown to the next run.
  if (verdict.protected || !target) return verdict.hidden || target ? undefined : candidate
  return verdict.hidden
    ? { ...candidate, source: undefined, hidden: true }
    : { ...candidate, source: undefined }
}
