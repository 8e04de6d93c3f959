// Carries out one step of a run. One object's failure is reported and stops no other.
import { asHawserError, isHawserError } from '../core/errors.ts'
import { toKey } from '../core/key.ts'
import { locationId } from '../core/location.ts'
import { checkSignal } from '../core/signal.ts'
import { tellFailure } from './archived.ts'
import { compareFurther } from './compare.ts'
import { nameTaken, presentNow } from './condition.ts'
import { type Candidate, decide, type Decision, versioned } from './decide.ts'
import { deferRemoval } from './deletes.ts'
import { beginDirectory } from './directories.ts'
import { changedMeanwhile, isChangedMeanwhile, isConflict, noteConflict } from './conflicts.ts'
import { executeUpdate } from './update.ts'
import type { Step } from './ground.ts'
import { deferReplacement, deferVacating, inTheWay } from './replace.ts'
import { copyOrDefer } from './renames/copy.ts'
import { seenAt, type Session, targetKey } from './session.ts'
import { isSpelledSo } from './spelling.ts'

/** @throws HawserError only when the run as a whole is to end */
export async function perform(session: Session, { candidate, decision }: Step): Promise<void> {
  const { report, transfer, to } = session
  const at = { op: 'sync', location: to.store.location, key: targetKey(session, candidate.name) }
  checkSignal(transfer.signal, at)
  try {
    await carryOutOnWhatIsThere(session, candidate, decision)
  } catch (error) {
    if (transfer.signal?.aborted) throw asHawserError(error, at)
    if (candidate.source && hasVanished(session, error))
      report.skip(seenAt(session.from, candidate.source), 'vanished')
    else {
      if (isConflict(error)) await noteConflict(session, candidate.name, error)
      await tellFailure(session, candidate.source, error, at)
    }
  }
}

/** Where another program changed the destination since it was listed, it is looked at once more. */
async function carryOutOnWhatIsThere(
  session: Session,
  candidate: Candidate,
  decision: Decision,
): Promise<void> {
  try {
    return await carryOut(session, candidate, decision)
  } catch (error) {
    if (!isChangedMeanwhile(error)) throw error
    if (session.options.failOnConflict) throw changedMeanwhile(error)
  }
  const target = await presentNow(session, candidate.name)
  const { to, transfer } = session
  const key = targetKey(session, candidate.name)
  const isDisk = to.store.traits.hierarchical
  if (isDisk && target && !candidate.target && !(await isSpelledSo(to, key, transfer)))
    throw nameTaken({ location: to.store.location, key })
  const seenNow: Candidate = { ...candidate, target, row: undefined, inTurn: true }
  try {
    await carryOut(session, seenNow, decide(seenNow, session.rules))
  } catch (error) {
    throw isChangedMeanwhile(error) ? changedMeanwhile(error) : error
  }
}

async function carryOut(session: Session, candidate: Candidate, decision: Decision): Promise<void> {
  const { name, target } = candidate
  switch (decision.do) {
    case 'copy':
      if (decision.source.kind === 'directory' && session.to.store.traits.hierarchical)
        return beginDirectory(session, name, decision.source, target)
      return copyOrDefer(session, candidate, decision.source)
    case 'compare':
      // Where nothing more is to be sent to the service, it is asked nothing more either.
      if (session.report.streak.cause && !session.limits.admit(decision.source.size)) return
      return compareFurther(session, candidate, decision.source, decision.target)
    case 'update':
      return executeUpdate(session, name, decision.source, decision.target, decision.crc64nvme)
    case 'remove':
      return deferRemoval(session, name, versioned(decision.target, candidate.row))
    case 'replace':
      return deferReplacement(session, name, decision.source, decision.present)
    case 'blocked':
      throw inTheWay(session, name, decision.present)
    case 'vacate':
      return deferVacating(session, name)
    case 'skip':
      return session.report.skip(seenAt(session.from, decision.source), decision.reason)
    case 'forget':
      return session.options.state.pairs.remove(session.pair, toKey(name))
    case 'nothing':
    case 'same':
      return session.report.unchanged()
  }
}

function hasVanished({ options, from }: Session, error: unknown): boolean {
  return (
    options.skipVanished === true &&
    isHawserError(error) &&
    error.code === 'not-found' &&
    error.location !== undefined &&
    locationId(error.location) === locationId(from.store.location)
  )
}
