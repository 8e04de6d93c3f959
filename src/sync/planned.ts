// From what both trees have under each name to what is to be done, told as the plan of the run.
import { compareKeys, joinKey } from '../core/key.ts'
import { type Candidate, decide, type Decision, knownOf, type Rules } from './decide.ts'
import { Ground, type Step } from './ground.ts'
import { statOrUndefined } from './look.ts'
import { behind, type NameList } from './names.ts'
import { perform } from './perform.ts'
import { record } from './record.ts'
import { noteGone } from './renames/old-names.ts'
import type { Judged } from './selected.ts'
import type { Session } from './session.ts'

/** Leaves out where nothing is to be done, and counts it; what is to be removed later is noted at once. */
export async function* planned(
  session: Session,
  candidates: AsyncIterable<Judged>,
): AsyncGenerator<Step> {
  const { report, rules, names, to } = session
  const decisionOn = decider(session)
  const ground = to.store.traits.hierarchical ? new Ground(rules.delete) : undefined
  for await (const candidate of names ? inTime(candidates, names) : candidates) {
    let decision = candidate.leftOut ? undefined : decisionOn(candidate)
    const isListed = decision?.do === 'remove' && names !== undefined && !rules.keepLinks
    if (isListed && (await isBelowLink(session, candidate.name))) decision = undefined
    if (ground) {
      for (const step of ground.add(candidate, decision)) if (await waits(session, step)) yield step
    } else if (decision) {
      const step = { candidate, decision }
      if (await waits(session, step)) yield step
    }
  }
  for (const step of ground?.end() ?? []) if (await waits(session, step)) yield step
  report.planComplete()
}

/** Takes candidates in their order. Undefined: it is none of the run's business. */
function decider({
  rules,
  options,
  names,
}: Session): (candidate: Candidate) => Decision | undefined {
  // Below a link that is passed over, the destination's objects are passed over too. Other names may come between
  // (`link`, `link-2`, `link/a`), so that several are kept until their place in the order is past.
  let passedOver: string[] = []
  const rulesFor = (name: string): Rules => {
    if (!names?.isMissing(name)) return rules
    const asOthers = rules.delete && names.isInDirectory(name)
    return { ...rules, delete: asOthers || (options.deleteMissingArgs ?? false) }
  }
  return (candidate) => {
    const { name, source } = candidate
    if (passedOver.length > 0) {
      passedOver = passedOver.filter(
        (below) => name.startsWith(below) || compareKeys(name, below) < 0,
      )
      if (!source && passedOver.some((below) => name.startsWith(below))) return undefined
    }
    const decision = decide(candidate, rulesFor(name))
    if (decision.do === 'skip' && decision.source.kind !== 'file') passedOver.push(`${name}/`)
    return decision
  }
}

/** Whether it is a step to be carried out among others, which takes its time; what is not is done with. */
async function waits(session: Session, step: Step): Promise<boolean> {
  const { report } = session
  const { candidate, decision } = step
  switch (decision.do) {
    case 'nothing':
    case 'same':
      if (candidate.source) report.unchanged()
      else await noteGone(session, candidate)
      if (decision.do === 'same' && !candidate.row) await recordNew(session, candidate)
      return false
    case 'remove':
    case 'vacate':
    case 'forget':
      // It is only written down: not worth a place among what waits, which may be a whole tree.
      await perform(session, step)
      return false
    case 'copy':
      if (!isPresentDirectory(candidate)) report.plan(1, decision.source.size)
      return true
    case 'replace':
      report.plan(1, decision.source.size)
      await perform(session, step)
      return false
    case 'blocked':
    case 'compare':
    case 'update':
    case 'skip':
      break
  }
  return true
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
async function* inTime(candidates: AsyncIterable<Judged>, names: NameList): AsyncGenerator<Judged> {
  let held: Judged[] = []
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
