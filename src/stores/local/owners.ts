// Whose a file becomes. Only root gives files away; anybody gives own files to groups that they are in.
import type { Attributes } from '../../core/attributes.ts'
import { machineNames } from './names.ts'

/** Of whom this runs as; on Windows there is none. */
export interface Identity {
  readonly geteuid?: (() => number) | undefined
  readonly getegid?: (() => number) | undefined
  readonly getgroups?: (() => number[]) | undefined
}

export interface Owners {
  readonly uid: number
  readonly gid: number
}

/** What the attributes ask for, as numbers of this machine. */
export interface WantedOwners {
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** The numbers are known to mean here what they mean there: they come from names. */
  readonly sureOfUser: boolean
  readonly sureOfGroup: boolean
}

/** By the numbers of this machine; who has no name has none. */
export function ownerNames({ uid, gid }: Attributes): Pick<Attributes, 'owner' | 'group'> {
  const { users, groups } = machineNames()
  return { owner: users.nameOf(uid), group: groups.nameOf(gid) }
}

/** Attributes of this machine, whose numbers mean what they say. */
export function surely(attributes: Attributes): Attributes {
  const { uid, gid } = attributes
  if (uid === undefined || gid === undefined) return attributes
  const { owner = String(uid), group = String(gid) } = ownerNames(attributes)
  return { ...attributes, owner, group }
}

/** Names first; who is not known here goes by number. */
export function wantedOwners(attributes: Attributes): WantedOwners {
  const { owner, group } = attributes
  const user = owner === undefined ? undefined : machineNames().users.idOf(owner)
  const team = group === undefined ? undefined : machineNames().groups.idOf(group)
  return {
    uid: user ?? attributes.uid,
    gid: team ?? attributes.gid,
    sureOfUser: user !== undefined,
    sureOfGroup: team !== undefined,
  }
}

/** What the file's owners can become; undefined where nothing is to be changed. */
export function ownersToSet(
  wanted: WantedOwners,
  now: Owners,
  process: Identity,
): Owners | undefined {
  const me = process.geteuid?.()
  if (me === undefined) return undefined // Windows
  const isRoot = me === 0
  const mayJoin = (gid: number): boolean =>
    isRoot ||
    (me === now.uid &&
      (process.getegid?.() === gid || process.getgroups?.().includes(gid) === true))
  const uid = isRoot ? (wanted.uid ?? now.uid) : now.uid
  const gid = wanted.gid !== undefined && mayJoin(wanted.gid) ? wanted.gid : now.gid
  return uid === now.uid && gid === now.gid ? undefined : { uid, gid }
}

const [setuid, setgid] = [0o4000, 0o2000]

/**
 * The permissions that a file may have of those that it had: setuid and setgid only where it belongs to whom it
 * belonged, by name. A program from a bucket must not run as somebody else, nor as whoever restored it.
 */
export function permittedMode(mode: number, wanted: WantedOwners, look: () => Owners): number {
  if ((mode & (setuid | setgid)) === 0) return mode & 0o7777
  const now = look()
  const isOwnersAgain = wanted.sureOfUser && wanted.uid === now.uid
  const isGroupsAgain = isOwnersAgain && wanted.sureOfGroup && wanted.gid === now.gid
  let permitted = mode & 0o7777
  if (!isOwnersAgain) permitted &= ~setuid
  if (!isGroupsAgain) permitted &= ~setgid
  return permitted
}
