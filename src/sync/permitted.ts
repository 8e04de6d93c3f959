// Which owners and mode what is on a disk gets of those that are wanted: by who runs this, as the store gives them.
import type { Attributes } from '../core/attributes.ts'

/**
 * Only root gives away what it has, and anybody gives what is their own to groups that they are in. Setuid and setgid
 * come only where owners are surely those that they were.
 */
export function permitted(
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
