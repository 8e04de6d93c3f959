// What a plan is made of: what a run is to do, and what it saw when it decided that.
import type { Key } from '../../core/key.ts'
import type { Entry, FileIdentity } from '../../core/store.ts'
import type { Totals } from '../../core/totals.ts'
import type { Seen } from '../deletes.ts'
import type { PlanSettings } from './settings.ts'

export interface PlanHeader {
  readonly created: Date
  /** The version that made it. */
  readonly hawser: string
  readonly from: PlannedPlace
  readonly to: PlannedPlace
  /** What decides how the actions are carried out. */
  readonly settings: PlanSettings
  /** What was selected, and how it was compared: for people. */
  readonly selection: Readonly<Record<string, unknown>>
  readonly counts: PlanCounts
  /** What all of it takes. */
  readonly totals: Totals
  /** Lines between the first and the last one. */
  readonly actions: number
  readonly seen: Seen
}

export interface PlannedPlace {
  readonly address: string
  /** Of the service; undefined on a disk. */
  readonly endpoint: string | undefined
  /** What is kept beside the objects of a service lies below it: undefined where that is as ever, empty for nothing. */
  readonly reserved?: string | undefined
}

/** Objects by what becomes of them; bytes of those that are copied, and of these what need not be sent. */
export interface PlanCounts {
  readonly copied: number
  readonly renamed: number
  readonly updated: number
  readonly removed: number
  readonly unchanged: number
  readonly skipped: number
  readonly archived: number
  readonly bytes: number
  readonly saved: number
}

export interface PlanEnd {
  /** Lines between the first one and this. */
  readonly actions: number
  /** Of all bytes before this line, in hex. */
  readonly sha256: string
}

/** One name, and what is to be done to it. */
export type PlannedAction =
  | PlannedCopy
  | PlannedUpdate
  | PlannedDirectory
  | PlannedRemoval
  | Vacated

/**
 * `rename`: what the destination has under the old name is copied, and goes with a `remove` of its own; or it is renamed,
 * which is both.
 */
export interface PlannedCopy {
  readonly do: 'copy' | 'rename'
  readonly name: Key
  readonly source: SeenState
  readonly target: SeenState | undefined
  readonly from?: PlannedOrigin | undefined
  /** It comes after the removals, in the place of this. */
  readonly instead?: 'file' | 'directory' | undefined
  /** Others may need what it replaces: it comes after all that need not wait. */
  readonly waits?: boolean | undefined
}
interface PlannedUpdate {
  readonly do: 'update'
  readonly name: Key
  readonly source: SeenState
  readonly target: SeenState
  readonly crc64nvme: bigint | undefined
}
interface PlannedDirectory {
  readonly do: 'directory'
  readonly name: Key
  readonly source: SeenState
  readonly target: SeenState | undefined
  /** As of a copy. */
  readonly instead?: 'file' | 'directory' | undefined
}
interface PlannedRemoval {
  readonly do: 'remove'
  readonly name: Key
  /** What the source has of this name and filters hide; else undefined. */
  readonly source: SeenState | undefined
  readonly target: SeenState
  /** The old name of a renamed file, which goes only once that is under its new one. */
  readonly old?: boolean | undefined
}
/** A directory in the way, which goes once nothing is left in it. */
interface Vacated {
  readonly do: 'vacate'
  readonly name: Key
}

/** What an object was when the plan was made. */
export type SeenState = Pick<
  Entry,
  'kind' | 'size' | 'modified' | 'etag' | 'version' | 'storageClass'
> & { readonly file?: Omit<FileIdentity, 'device' | 'links'> | undefined }

/** Another object of the destination, which has the bytes. */
export interface PlannedOrigin {
  readonly name: Key
  /** It was this very file, or another one of the same contents. */
  readonly by: 'file' | 'content'
  readonly size: number
  readonly etag: string | undefined
  readonly crc64nvme: bigint | undefined
}
