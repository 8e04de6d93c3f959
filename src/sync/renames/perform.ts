// Carries out the copies that waited: what another one still needs is replaced after it, and where they need each other
// in a ring, or in a long chain, it is set aside first.
import { forEachConcurrent } from '../../transfer/semaphore.ts'
import { perform } from '../perform.ts'
import type { Session } from '../session.ts'
import { countDeferred, type Deferred, deferredCopies, isDeferred, release } from './deferred.ts'
import { setAside, removeSetAside } from './set-aside.ts'

/** Of the spool: names that others need as they are, once for each of these. */
const needed = 'needed'
/** Of the spool: by the name of a copy, the name that it needs. */
const needs = 'needs'
/** How often all are gone through for those that nobody needs any more, before the rest is set aside. */
const rounds = 16

export async function performDeferred(session: Session): Promise<void> {
  if ((await countDeferred(session)) === 0) return
  // Of what was edited in place, too, and has other names.
  await session.options.state.pairs.flush()
  await noteNeeds(session)
  for (let round = 0; round < rounds; round++) if (!(await performFree(session))) break
  let isAside = session.holderDied
  try {
    await each(session, async (deferred) => {
      if ((await session.spool.get(needed, deferred.name)) === undefined) return
      if (await setAside(session, deferred)) isAside = true
    })
    await each(session, (deferred) => performOne(session, deferred))
  } finally {
    if (isAside) await removeSetAside(session)
  }
}

/** Only by inodes, which cost nothing: what is found not to be needed after all was waited for in vain. */
async function noteNeeds(session: Session): Promise<void> {
  await each(session, async (deferred) => {
    const from = await likelyOrigin(session, deferred)
    if (from === undefined) return
    await session.spool.push(needs, deferred.name, from)
    await session.spool.push(needed, from, deferred.name)
  })
}

async function likelyOrigin(
  session: Session,
  { name, source, planned }: Deferred,
): Promise<string | undefined> {
  const { options, pair } = session
  if (planned) return (await isDeferred(session, planned.name)) ? planned.name : undefined
  if (!source.file) return undefined
  const rows = await options.state.pairs.ofInode(pair, source.file.inode)
  for (const { key } of rows) if (key !== name && (await isDeferred(session, key))) return key
  return undefined
}

/** Those that nobody needs as they are. @returns whether there were any */
async function performFree(session: Session): Promise<boolean> {
  const { spool } = session
  let any = false
  await each(session, async (deferred) => {
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

async function each(session: Session, task: (deferred: Deferred) => Promise<void>): Promise<void> {
  await forEachConcurrent(deferredCopies(session), session.jobs, task)
}
