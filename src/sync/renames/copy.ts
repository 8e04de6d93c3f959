// Copies the source of a name: from what the destination has under another name where it can, and when its turn comes.
import { isHawserError } from '../../core/errors.ts'
import type { Entry } from '../../core/store.ts'
import { refuseArchived, rememberArchived } from '../archived.ts'
import { type Candidate, versioned } from '../decide.ts'
import { removals } from '../deletes.ts'
import { executeCopy } from '../execute.ts'
import type { Session } from '../session.ts'
import { findBase } from './base.ts'
import { copyFromOrigin } from './carry.ts'
import { deferCopy, type Deferred } from './deferred.ts'
import { findOrigin, type Origin } from './origin.ts'
import { requireReplaced } from '../plan/origin.ts'

export async function copyOrDefer(
  session: Session,
  candidate: Candidate,
  source: Entry,
): Promise<void> {
  const { name, row, inTurn, mayRename, planned } = candidate
  const target = candidate.target && versioned(candidate.target, row)
  if (!inTurn && (await deferCopy(session, { ...candidate, target }, source))) return
  // A plan has decided where the bytes come from.
  const isSent = session.pinned && !planned
  const origin = isSent ? undefined : await findOrigin(session, name, source, planned)
  if (origin && (await unlessArchived(session, { name, source, target, mayRename }, origin))) return
  if (planned) await requireReplaced(session, name, planned)
  await executeCopy(session, name, source, target, await findBase(session, name, source))
}

/** What is archived and would be moved stays under its old name until it is thawed: a later run goes on with it. */
async function unlessArchived(
  session: Session,
  deferred: Deferred,
  origin: Origin,
): Promise<boolean> {
  try {
    await refuseArchived(session, origin.there, 'target')
    return await copyFromOrigin(session, deferred, origin)
  } catch (error) {
    if (!isHawserError(error) || error.code !== 'archived') throw error
    if (!origin.isRename) return false
    await session.spool.take(removals, origin.name)
    if (!session.report.dryRun) await rememberArchived(session, origin.there, 'target')
    throw error
  }
}
