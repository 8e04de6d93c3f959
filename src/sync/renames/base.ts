// What the destination has of a file that was renamed and edited: as much as is still the same is taken from there.
import { isLink } from '../../core/attributes.ts'
import { isHawserError } from '../../core/errors.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import type { SeenObject } from '../../core/work.ts'
import { statOrUndefined } from '../look.ts'
import { seenAt, type Session } from '../session.ts'
import { asRecorded } from './as-recorded.ts'
import { refused, rowsOfInode } from './origin.ts'
import { findAside } from './set-aside.ts'

/** Undefined where there is none, or the file is none of those that go in parts like that. */
export async function findBase(
  session: Session,
  name: string,
  source: Entry,
): Promise<SeenObject | undefined> {
  const { renames, to, transfer } = session
  if (!renames || !transfer.delta || source.size < transfer.delta.threshold) return undefined
  try {
    const there = (await baseApart(session, source)) ?? (await baseNamed(session, name, source))
    return there && seenAt(to, there)
  } catch (error) {
    if (isHawserError(error) && refused.has(error.code)) return undefined
    throw error
  }
}

/** What was set aside for the file. */
async function baseApart(session: Session, { file }: Entry): Promise<ObjectInfo | undefined> {
  const found = file && (await findAside(session, file.inode))
  if (found?.etag === undefined) return undefined
  const there = await statOrUndefined(session.to.store, found.key, session.transfer)
  return there?.etag === found.etag ? there : undefined
}

async function baseNamed(
  session: Session,
  name: string,
  source: Entry,
): Promise<ObjectInfo | undefined> {
  for (const row of await rowsOfInode(session, name, source)) {
    const there = await asRecorded(session, row)
    if (there && !isLink(there.attributes)) return there
  }
  return undefined
}
