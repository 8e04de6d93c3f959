// Carries out the copies that waited: what another one still needs is replaced after it, and where they need each other
// in a ring, or in a long chain, it is set aside first. What can be renamed comes last: till then others may copy it.
import { forEachConcurrent } from '../../transfer/semaphore.ts'
import { perform } from '../perform.ts'
import type { Session } from '../session.ts'
import { countDeferred, type Deferred, deferredCopies, isDeferred, release } from './deferred.ts'
import { isToGo } from './old-names.ts'
import { renamesAtOnce } from './rename.ts'
import { setAside, removeSetAside } from './set-aside.ts'

/** Of the spool: names that others need as they are, once for each of these. */
const needed = 'needed'
/** Of the spool: by the name of a copy, the name that it needs. */
const needs = 'needs'
/** How often all are gone through for those that nobody needs any more, before the rest is set aside. */
const rounds = 16
/** Of the spool: copies whose old names go, where the store can rename them. */
const renames = 'rename'

export async function performDeferred(session: Session): Promise<void> {
  if ((await countDeferred(session)) === 0) return
  // Of what was edited in place, too, and has other names.
  await session.options.state.pairs.flush()
  await noteNeeds(session)
  for (let round = 0; round < rounds; round++) if (!(await performFree(session))) break
  let isAside = session.holderDied
  try {
    await eachCopy(session, async (deferred) => {
      if ((await session.spool.get(needed, deferred.name)) === undefined) return
      if (await setAside(session, deferred)) isAside = true
    })
    await eachCopy(session, (deferred) => performOne(session, deferred))
  } finally {
    if (isAside) await removeSetAside(session)
  }
  await performRenames(session)
}

/** What casts doubt on removals does so on these: then they are copies like others, and the old names stay. */
async function performRenames(session: Session): Promise<void> {
  const { report, limits } = session
  const mayRename = (report.failed === 0 && limits.refused === undefined) || undefined
  await each(session, (deferred) => performOne(session, { ...deferred, mayRename }))
}

/** Only by inodes, which cost nothing: what is found not to be needed after all was waited for in vain. */
async function noteNeeds(session: Session): Promise<void> {
  const { spool } = session
  const canRename = renamesAtOnce(session)
  await each(session, async (deferred) => {
    const { name, planned } = deferred
    const origins = await likelyOrigins(session, deferred)
    const from = await firstOf(origins, (one) => isDeferred(session, one))
    if (from !== undefined) {
      await spool.push(needs, name, from)
      await spool.push(needed, from, name)
      return
    }
    // What was another file is copied.
    if (!canRename || planned?.by === 'content') return
    if (await firstOf(origins, (one) => isToGo(session, one))) await spool.push(renames, name, '')
  })
}

async function firstOf<T>(
  items: readonly T[],
  is: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await is(item)) return item
  return undefined
}

async function likelyOrigins(
  { options, pair }: Session,
  { name, source, planned }: Deferred,
): Promise<readonly string[]> {
  if (planned) return [planned.name]
  if (!source.file) return []
  const rows = await options.state.pairs.ofInode(pair, source.file.inode)
  return rows.map(({ key }) => key).filter((key) => key !== name)
}

/** Those that nobody needs as they are. @returns whether there were any */
async function performFree(session: Session): Promise<boolean> {
  const { spool } = session
  let any = false
  await eachCopy(session, async (deferred) => {
    if ((await spool.get(needed, deferred.name)) !== undefined) return
    any = true
    await performOne(session, deferred)
  })
  return any
}

async function performOne(session: Session, deferred: Deferred): Promise<void> {
  const { name, source } = deferred
  const candidate = { ...deferred, row: undefined, inTurn: true } as const
  await perform(session, { candidate, decision: { do: 'copy', source } })
  await release(session, name)
  // Where that failed, too: what it would have been copied from may go, since its source has the bytes.
  const from = await session.spool.take(needs, name)
  if (from !== undefined) await session.spool.take(needed, from)
}

/** But those that may be renamed. */
async function eachCopy(
  session: Session,
  task: (deferred: Deferred) => Promise<void>,
): Promise<void> {
  const { spool } = session
  const any = (await spool.count(renames)) > 0
  await each(session, async (deferred) => {
    if (any && (await spool.get(renames, deferred.name)) !== undefined) return
    await task(deferred)
  })
}

async function each(session: Session, task: (deferred: Deferred) => Promise<void>): Promise<void> {
  await forEachConcurrent(deferredCopies(session), session.jobs, task)
}
