// From what both trees have under each name to what is to be done, told as the plan of the run.
import { compareKeys } from '../core/key.ts'
import { type Candidate, decide, type Decision, knownOf } from './decide.ts'
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
  const ofMissing = { ...rules, delete: options.deleteMissingArgs ?? false }
  for await (const candidate of candidates) {
    const { name, source } = candidate
    if (passedOver.length > 0) {
      passedOver = passedOver.filter(
        (below) => name.startsWith(below) || compareKeys(name, below) < 0,
      )
      if (!source && passedOver.some((below) => name.startsWith(below))) continue
    }
    const decision = decide(candidate, names?.isMissing(name) ? ofMissing : rules)
    if (decision.do === 'skip' && decision.source.kind !== 'file') passedOver.push(`${name}/`)
    if (decision.do === 'nothing' || decision.do === 'same') {
      if (source) report.unchanged()
      if (decision.do === 'same' && !candidate.row) await recordNew(session, candidate)
      continue
    }
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

async function recordNew(session: Session, { name, source, target }: Candidate): Promise<void> {
  if (source && target && !session.report.dryRun)
    await record(session, name, knownOf(source), target, undefined)
}

function isPresentDirectory({ source, target }: Candidate): boolean {
  return source?.kind === 'directory' && target?.kind === 'directory'
}
