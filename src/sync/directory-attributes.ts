// What a directory of a file system is given of its source's, and whether more than its time changes by that: the time
// alone is told of nowhere, since whatever is done in a directory changes it.
import { type Attributes, isSameXattrs } from '../core/attributes.ts'
import type { ObjectInfo } from '../core/store.ts'
import { permitted } from './permitted.ts'
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
  const { mode = 0, uid, gid } = permitted(wanted, present)
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
