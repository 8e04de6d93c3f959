// From what both trees have under each name to what is to be done, told as the plan of the run.
import { compareKeys, joinKey } from '../core/key.ts'
import { type Candidate, decide, type Decision, knownOf, type Rules } from './decide.ts'
import { statOrUndefined } from './look.ts'
import { behind, type NameList } from './names.ts'
import { perform } from './perform.ts'
import { record } from './record.ts'
import type { Session } from './session.ts'

export interface Step {
  readonly candidate: Candidate
  readonly decision: Decision
}

/** Leaves out where nothing is to be done, and counts it; what is to be removed later is noted at once. */
export async function* planned(
  session: Session,
  candidates: AsyncIterable<Candidate>,
): AsyncGenerator<Step> {
  const { report, rules, options, names } = session
  // Below a link that is passed over, the destination's objects are passed over too. Other names may come between
  // (`link`, `link-2`, `link/a`), so that several are kept until their place in the order is past.
  let passedOver: string[] = []
  const rulesFor = (name: string): Rules => {
    if (!names?.isMissing(name)) return rules
    const asOthers = rules.delete && names.isInDirectory(name)
    return { ...rules, delete: asOthers || (options.deleteMissingArgs ?? false) }
  }
  for await (const candidate of names ? inTime(candidates, names) : candidates) {
    const { name, source } = candidate
    if (passedOver.length > 0) {
      passedOver = passedOver.filter(
        (below) => name.startsWith(below) || compareKeys(name, below) < 0,
      )
      if (!source && passedOver.some((below) => name.startsWith(below))) continue
    }
    const decision = decide(candidate, rulesFor(name))
    if (decision.do === 'skip' && decision.source.kind !== 'file') passedOver.push(`${name}/`)
    if (decision.do === 'nothing' || decision.do === 'same') {
      if (source) report.unchanged()
      if (decision.do === 'same' && !candidate.row) await recordNew(session, candidate)
      continue
    }
    if (decision.do === 'remove' && names && !rules.keepLinks && (await isBelowLink(session, name)))
      continue
    if (decision.do === 'remove' || decision.do === 'forget') {
      // It is only written down: not worth a place among what waits, which may be a whole tree.
      await perform(session, { candidate, decision })
      continue
    }
    if (decision.do === 'copy' && !isPresentDirectory(candidate))
      report.plan(1, decision.source.size)
    yield { candidate, decision }
  }
  report.planComplete()
}

/** A name of the list whose way leads over a link that is passed over: what the source has there was not looked at. */
async function isBelowLink({ from, transfer }: Session, name: string): Promise<boolean> {
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    const above = joinKey(from.prefix, name.slice(0, slash))
    if ((await statOrUndefined(from.store, above, transfer))?.kind === 'symlink') return true
  }
  return false
}

/**
 * Whether a name of the list that is no object of the source is missing is only certain when all that could lie below it
 * would have come: until then it is held back.
 */
async function* inTime(
  candidates: AsyncIterable<Candidate>,
  names: NameList,
): AsyncGenerator<Candidate> {
  let held: Candidate[] = []
  for await (const candidate of candidates) {
    const isPast = ({ name }: Candidate): boolean => compareKeys(behind(name), candidate.name) <= 0
    yield* held.filter(isPast)
    held = held.filter((one) => !isPast(one))
    if (!candidate.source && names.has(candidate.name)) held.push(candidate)
    else yield candidate
  }
  yield* held
}

async function recordNew(session: Session, { name, source, target }: Candidate): Promise<void> {
  if (source && target && !session.report.dryRun)
    await record(session, name, knownOf(source), target, undefined)
}

function isPresentDirectory({ source, target }: Candidate): boolean {
  return source?.kind === 'directory' && target?.kind === 'directory'
}
