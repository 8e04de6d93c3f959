// What is to be done, as plain data: the same description runs here, in a worker thread or on another machine, is
// written to a plan, journalled for resume and priced by a dry run. Planning decides; an executor never does.
import type { Key } from './key.ts'
import type { Location } from './location.ts'
import type { Condition, EntryKind, ObjectProperties } from './store.ts'

/** One object as it was seen when the work was planned. */
export interface ObjectRef {
  readonly location: Location
  readonly key: Key
}
export interface SeenObject extends ObjectRef {
  readonly kind: EntryKind
  readonly size: number
  readonly etag: string | undefined
  readonly version?: string | undefined
  readonly modified: bigint
}

/** What the user gives to the destination beside its bytes. */
export interface GivenDescription {
  /** Beside what the source has. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Instead of the source's, or the one that goes with the name. */
  readonly contentType?: string | undefined
  /** Each instead of the source's. */
  readonly properties?: ObjectProperties | undefined
}

/** Make `to` hold what `from` holds. Done twice, it ends the same. */
export interface CopyWork extends GivenDescription {
  readonly do: 'copy'
  readonly from: SeenObject
  readonly to: ObjectRef
  /** Attributes to give the destination: all that the source has, or its time alone. */
  readonly attributes: 'time' | 'all'
  /** With `all`: from and to file systems, extended attributes too. */
  readonly xattrs?: boolean | undefined
  /** With `all`: owners by number, whatever their names are. */
  readonly numericIds?: boolean | undefined
  /** What must still be true of the destination when the copy becomes visible. */
  readonly condition: Condition | undefined
  /** What the destination has of the object under another name, as it was once: what is the same is taken from there. */
  readonly base?: SeenObject | undefined
}

/** Give `to`, whose bytes are right already, the attributes of `from`. */
export interface UpdateWork {
  readonly do: 'update'
  readonly from: SeenObject
  readonly to: SeenObject
  /** As in CopyWork. */
  readonly attributes: 'time' | 'all'
  readonly xattrs: boolean
}
