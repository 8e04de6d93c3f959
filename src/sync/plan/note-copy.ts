// Notes copies and directories for a plan: where the bytes come from, and what they wait for.
import { toKey } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import { type Deferred, isDeferred } from '../renames/deferred.ts'
import type { Origin } from '../renames/origin.ts'
import { takesPlaceOf } from '../replace.ts'
import type { Session } from '../session.ts'
import { note } from './note.ts'
import type { PlannedOrigin } from './types.ts'

/** @param origin where the destination has the bytes; else they are sent */
export async function noteCopy(
  session: Session,
  { name, source, target }: Deferred,
  origin?: Origin,
): Promise<void> {
  if (!session.notes) return
  const instead = await takesPlaceOf(session, name)
  // What it is copied from may be gone when its turn comes.
  const known = instead ? undefined : origin
  await note(session, {
    do: known?.isRename ? 'rename' : 'copy',
    name: toKey(name),
    source,
    target,
    from: known && (await plannedOrigin(session, source, known)),
    instead,
    waits: await isDeferred(session, name),
  })
}

export async function noteDirectory(
  session: Session,
  name: string,
  source: Entry,
  target: Entry | undefined,
): Promise<void> {
  if (!session.notes) return
  const instead = await takesPlaceOf(session, name)
  await note(session, { do: 'directory', name: toKey(name), source, target, instead })
}

async function plannedOrigin(
  { options, pair }: Session,
  { file }: Entry,
  { name, there, crc64nvme }: Origin,
): Promise<PlannedOrigin> {
  const row = await options.state.pairs.get(pair, name)
  const by = file && row?.source.inode === file.inode ? 'file' : 'content'
  return { name, by, size: there.size, etag: there.etag, crc64nvme }
}
