// Directories of the destination that their owner may not write to: with -a they have the modes of the source's, so that a
// read-only one could not be changed any more. They are made writable before something is done in them, and get their modes
// back when they are finished. Root needs none of this.
import { isHawserError } from '../core/errors.ts'
import type { ObjectInfo } from '../core/store.ts'
import { type Session, targetKey } from './session.ts'
import { touchDirectory } from './touched.ts'

/** Of the spool: the modes that they had. */
const kind = 'unlocked'
/** Directories that are known: others are looked at again. */
const mostKnown = 1_000
const ofOwner = 0o700

/** Whether permissions are kept, and bind who runs this. */
function unlocks({ options, to, report }: Session): boolean {
  const user = process.geteuid?.()
  const isBound = user !== undefined && user !== 0
  return isBound && options.archive === true && to.store.traits.hierarchical && !report.dryRun
}

/**
 * Before something is made, replaced or removed under this name. What may not be unlocked stays as it is: what is to be
 * done there then says why it cannot be.
 */
export async function unlockParents(session: Session, name: string): Promise<void> {
  if (!unlocks(session)) return
  const { unlocked } = session
  for (const directory of parentsOf(name)) {
    let done = unlocked.get(directory)
    if (!done) {
      done = unlock(session, directory)
      makeRoom(unlocked)
      unlocked.set(directory, done)
    }
    await done
  }
}

/** Outermost first. */
function parentsOf(name: string): readonly string[] {
  const segments = name.split('/').slice(0, name.endsWith('/') ? -2 : -1)
  return segments.map((_, depth) => `${segments.slice(0, depth + 1).join('/')}/`)
}

function makeRoom(unlocked: Session['unlocked']): void {
  for (const oldest of unlocked.keys()) {
    if (unlocked.size < mostKnown) return
    unlocked.delete(oldest)
  }
}

async function unlock(session: Session, directory: string): Promise<void> {
  const { spool, transfer } = session
  try {
    const there = await look(session, directory)
    const { mode } = there.attributes
    if (mode === undefined || (mode & ofOwner) === ofOwner) return
    // First, so that who sees the new mode knows of the old one.
    await spool.push(kind, directory, `${mode}`)
    await setMode(session, there, mode | ofOwner)
    await touchDirectory(session, directory)
  } catch (error) {
    if (!isHawserError(error) || transfer.signal?.aborted) throw error
  }
}

/** The mode that the directory had before it was unlocked; undefined where it was not. */
export async function modeBefore(session: Session, directory: string): Promise<number | undefined> {
  if (!unlocks(session)) return undefined
  const mode = await session.spool.get(kind, directory)
  return mode === undefined ? undefined : Number(mode)
}

/** Of a directory that the source does not have: it may be gone. */
export async function lockAgain(session: Session, directory: string, mode: number): Promise<void> {
  try {
    await setMode(session, await look(session, directory), mode)
  } catch (error) {
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
}

async function look(session: Session, directory: string): Promise<ObjectInfo> {
  const { to, transfer } = session
  const { signal, meter } = transfer
  return to.store.stat(targetKey(session, directory), { owners: true, signal, meter })
}

/** With the owners that it has, by name, or by a number that is nobody's: without them setgid would go. */
async function setMode(
  { to, transfer }: Session,
  { key, attributes }: ObjectInfo,
  mode: number,
): Promise<void> {
  const { signal, meter } = transfer
  const { uid, gid, owner = `${uid}`, group = `${gid}` } = attributes
  await to.store.setAttributes?.(key, { uid, gid, owner, group, mode }, { signal, meter })
}
