// Copies the source of a name: from what the destination has under another name where it can, and when its turn comes.
import type { Entry } from '../../core/store.ts'
import type { Candidate } from '../decide.ts'
import { executeCopy } from '../execute.ts'
import type { Session } from '../session.ts'
import { copyFromOrigin } from './carry.ts'
import { deferCopy } from './deferred.ts'
import { findOrigin } from './origin.ts'

export async function copyOrDefer(
  session: Session,
  candidate: Candidate,
  source: Entry,
): Promise<void> {
  const { name, target, inTurn } = candidate
  if (!inTurn && (await deferCopy(session, candidate, source))) return
  const origin = await findOrigin(session, name, source)
  if (origin && (await copyFromOrigin(session, { name, source, target }, origin))) return
  await executeCopy(session, name, source, target)
}
