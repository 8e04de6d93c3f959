// Keeps what a run replaces or removes, under its name at another place of the destination's store.
import { HawserError } from '../core/errors.ts'
import { joinKey } from '../core/key.ts'
import { asTree, type Place } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { CopyWork, ObjectRef } from '../core/work.ts'
import { transferObject } from '../transfer/object.ts'
import { refuseArchived } from './archived.ts'
import { statOrUndefined } from './look.ts'
import type { SyncOptions } from './options.ts'
import { isWithin, pathOf, serviceOf } from './overlap.ts'
import { seenAt, type Session } from './session.ts'

/**
 * Resolves when the copy is confirmed; at once where no backups are wanted, and for directories.
 * @returns where the copy is
 */
export async function backUp(
  session: Session,
  name: string,
  target: Entry,
): Promise<ObjectRef | undefined> {
  const { options, to, report, costs, transfer } = session
  if (!options.backupDir || target.kind === 'directory' || target.kind === 'special')
    return undefined
  const place = asTree(options.backupDir)
  const work: CopyWork = {
    do: 'copy',
    // To read a version takes a permission of its own; the ETag says as much.
    from: { ...seenAt(to, target), version: undefined },
    to: { location: place.store.location, key: joinKey(place.prefix, name) },
    attributes: 'all',
    condition: undefined,
  }
  await refuseArchived(session, target, 'target')
  costs.planned.copyWithin(target)
  let verified = true
  if (!report.dryRun) {
    const inside = { ...transfer, source: to.store, target: place.store }
    const done = await transferObject(work, inside, () => {})
    await requireApart(session, target, done.info)
    verified = done.verified
    costs.done.copyWithin(target)
  }
  report.done('backup', work.to, target.size, 0, { verified })
  return work.to
}

/**
 * Also below places that are apart, directories can have two names, by mounts: a backup is then the file that it
 * was made of.
 * @throws HawserError invalid-argument
 */
async function requireApart(
  { to, transfer }: Session,
  target: Entry,
  backup: Entry,
): Promise<void> {
  if (!backup.file) return
  const now = await statOrUndefined(to.store, target.key, transfer)
  const { device, inode } = backup.file
  if (now?.file?.device !== device || now.file.inode !== inode) return
  throw new HawserError('invalid-argument', 'the backup would be the file itself', {
    op: 'backup',
    location: to.store.location,
    key: target.key,
    hint: 'The directory of backups is the destination by another name: choose another one.',
  })
}

/**
 * A backup inside the source would be copied, and one that is the destination itself would be replaced.
 * @throws HawserError invalid-argument
 */
export function refuseBackup(from: Place, to: Place, { backupDir }: SyncOptions): void {
  if (!backupDir) return
  const refuse = (why: string): HawserError =>
    new HawserError('invalid-argument', why, {
      op: 'sync',
      location: backupDir.store.location,
      key: backupDir.prefix,
      hint: 'Choose a place beside the destination, or below it.',
    })
  if (serviceOf(backupDir) !== serviceOf(to))
    throw refuse('the backups are to be kept where the destination is')
  if (isWithin(to, backupDir)) throw refuse('the destination is inside the directory of backups')
  if (isWithin(backupDir, from) || isWithin(from, backupDir))
    throw refuse('the directory of backups overlaps with the source')
}

/** What names begin with that are backups themselves; undefined where these lie outside of the destination. */
export function backupsBelow(to: Place, { backupDir }: SyncOptions): string | undefined {
  if (!backupDir || serviceOf(backupDir) !== serviceOf(to)) return undefined
  const [path, target] = [pathOf(backupDir), pathOf(to)]
  return path.startsWith(target) ? path.slice(target.length) : undefined
}
