// What a directory of a file system is given of its source's, and whether more than its time changes by that: the time
// alone is told of nowhere, since whatever is done in a directory changes it.
import { type Attributes, isSameXattrs } from '../core/attributes.ts'
import type { ObjectInfo } from '../core/store.ts'
import type { Session } from './session.ts'

/** @param mode for one whose source has none */
export function attributesOfSource(
  { options }: Session,
  { attributes, modified }: ObjectInfo,
  mode: number | undefined,
): Attributes {
  const { xattrs, ...plain } = attributes
  const kept = { ...plain, mode: attributes.mode ?? mode, mtime: attributes.mtime ?? modified }
  return options.xattrs ? { ...kept, xattrs } : kept
}

/** Whether a directory that has these will have others. */
export function isToChange(wanted: Attributes, present: Attributes): boolean {
  const { mode = 0, uid, gid } = foreseen(wanted, present)
  return (
    uid !== present.uid ||
    gid !== present.gid ||
    (mode & 0o7777) !== ((present.mode ?? 0) & 0o7777) ||
    // Undefined: none are given, or none could be looked at.
    (wanted.xattrs !== undefined &&
      present.xattrs !== undefined &&
      !isSameXattrs(wanted.xattrs, present.xattrs))
  )
}

/**
 * Only root gives away what it has, and anybody gives what is their own to groups that they are in. Setuid and setgid
 * come only where owners are surely those that they were.
 */
function foreseen(
  wanted: Attributes,
  present: Attributes,
): Pick<Attributes, 'mode' | 'uid' | 'gid'> {
  const me = process.geteuid?.()
  const user = isNamed(wanted.owner, present.owner) ? present.uid : wanted.uid
  const group = isNamed(wanted.group, present.group) ? present.gid : wanted.gid
  const isMine = me !== undefined && me === present.uid
  const mayJoin = me === 0 || (isMine && group !== undefined && isMember(group))
  const uid = me === 0 ? (user ?? present.uid) : present.uid
  const gid = mayJoin ? (group ?? present.gid) : present.gid
  const isOwners = wanted.owner !== undefined && user === uid
  const isGroups = isOwners && wanted.group !== undefined && group === gid
  const refused = (isOwners ? 0 : 0o4000) | (isGroups ? 0 : 0o2000)
  return { uid, gid, mode: wanted.mode === undefined ? present.mode : wanted.mode & ~refused }
}

function isNamed(wanted: string | undefined, present: string | undefined): boolean {
  return wanted !== undefined && wanted === present
}

function isMember(group: number): boolean {
  return process.getegid?.() === group || process.getgroups?.().includes(group) === true
}
