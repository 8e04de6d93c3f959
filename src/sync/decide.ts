// What to do with one name: pure, from what the listings and the state say. Evidence that costs a read is asked for
// by `compare`, and gathered elsewhere.
import { isSameEtag } from '../core/etag.ts'
import type { Entry, Traits } from '../core/store.ts'
import type { KeptAttributes, Known, PairRow } from '../state/types.ts'
import { mayBeForms } from './forms.ts'
import type { Merged } from './merge.ts'
import type { SyncOptions } from './options.ts'
import type { PlannedOrigin } from './plan/types.ts'

export interface Candidate extends Merged<Entry, Entry, PairRow> {
  /** Filters leave out what the source has, if anything. */
  readonly hidden?: true
  /** It has waited for others, or must not: see renames/deferred.ts. */
  readonly inTurn?: true
  /** Nothing else needs what it has under another name, and nothing has failed: that may be renamed. */
  readonly mayRename?: true | undefined
  /** Where a plan says that the destination has its bytes. */
  readonly planned?: PlannedOrigin | undefined
}

export type Decision =
  /** It is to be left as it is, whatever it is. */
  | { readonly do: 'nothing' }
  /** The listings prove it equal. */
  | { readonly do: 'same' }
  /** The state has a row for what is gone on both sides. */
  | { readonly do: 'forget' }
  | { readonly do: 'copy'; readonly source: Entry }
  /** The listings do not tell: times that are asked for, or contents, decide; attributes where the bytes are the same. */
  | {
      readonly do: 'compare'
      readonly source: Entry
      readonly target: Entry
      readonly bytes?: 'same'
    }
  /** Of a plan: the bytes are the same, attributes are to follow. */
  | {
      readonly do: 'update'
      readonly source: Entry
      readonly target: Entry
      readonly crc64nvme: bigint | undefined
    }
  | { readonly do: 'remove'; readonly target: Entry }
  /** A copy where a disk has something of another kind, which is to be removed first. */
  | { readonly do: 'replace'; readonly source: Entry; readonly present: 'file' | 'directory' }
  /** The same where that stays. */
  | { readonly do: 'blocked'; readonly source: Entry; readonly present: 'file' | 'directory' }
  /** A directory in the way, which only goes for that. */
  | { readonly do: 'vacate'; readonly target: Entry }
  | { readonly do: 'skip'; readonly source: Entry; readonly reason: string }

export interface Rules {
  /** Keep modes and directories. */
  readonly archive: boolean
  /** See PairRow. */
  readonly attributes: KeptAttributes | undefined
  readonly keepLinks: boolean
  readonly delete: boolean
  readonly checksum: boolean
  readonly sizeOnly: boolean
  readonly compareMetadata: boolean
  readonly exactTimestamps: boolean
  readonly update: boolean
  readonly ignoreExisting: boolean
  readonly existing: boolean
  /** See isSameTime. */
  readonly modifyWindow: bigint
  readonly source: Traits
  readonly target: Traits
}

export function rulesOf(
  options: Omit<SyncOptions, 'state'>,
  source: Traits,
  target: Traits,
): Rules {
  const archive = options.archive ?? false
  return {
    archive,
    attributes: archive ? (options.xattrs ? 'xattrs' : 'all') : undefined,
    keepLinks: options.links === undefined ? archive : options.links === 'preserve',
    delete: options.delete ?? false,
    checksum: options.checksum ?? false,
    sizeOnly: options.sizeOnly ?? false,
    compareMetadata: options.compareMetadata ?? false,
    exactTimestamps: options.exactTimestamps ?? false,
    update: options.update ?? false,
    ignoreExisting: options.ignoreExisting ?? false,
    existing: options.existing ?? false,
    modifyWindow: options.modifyWindow ?? defaultModifyWindow,
    source,
    target,
  }
}

const nothing: Decision = { do: 'nothing' }
const same: Decision = { do: 'same' }

export function decide({ source, target, row }: Candidate, rules: Rules): Decision {
  if (!source) return decideExtraneous(target, rules)
  if (source.kind === 'special') return { do: 'skip', source, reason: 'not a regular file' }
  if (source.kind === 'symlink' && !rules.keepLinks)
    return { do: 'skip', source, reason: 'a symbolic link (-a keeps links)' }
  if (!target) return rules.existing ? nothing : { do: 'copy', source }
  if (source.kind === 'directory' && anyHierarchical(rules))
    return decideDirectory(source, target, row, rules)
  if (rules.ignoreExisting) return nothing
  if (rules.update) {
    const newer = isNewer(source, target, row, rules)
    if (newer === undefined) return { do: 'compare', source, target }
    if (newer) return { do: 'skip', source, reason: newerThere }
  }
  return decideDifference(source, target, row, rules)
}

/** Why something is passed over where the user wants that. */
export const newerThere = 'newer at the destination'

function decideDifference(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): Decision {
  if (
    source.kind !== target.kind &&
    (source.kind === 'symlink' || target.kind === 'symlink') &&
    bothTellKinds(rules)
  )
    return { do: 'copy', source }
  if (source.size !== target.size) return decideSizes(source, target, row, rules)
  if (rules.sizeOnly) return nothing
  if (rules.checksum) return { do: 'compare', source, target }
  if (row && isAsRecorded(source, row.source) && isAsRecorded(target, row.target))
    return sameIfKept(source, target, row, rules)
  if (bothTellTimes(rules)) {
    const sameTime = isSameTime(source.modified, target.modified, rules.modifyWindow)
    if (!sameTime && rules.exactTimestamps) return { do: 'copy', source }
    if (!row && sameTime && sameMode(source, target, rules))
      return sameIfKept(source, target, row, rules)
  }
  if (!row && etagsDecide(rules) && isSameEtag(source.etag, target.etag)) return same
  return { do: 'compare', source, target }
}

/** The bytes are the same; so are attributes that an earlier run brought. */
function sameIfKept(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): Decision {
  return keepsEnough(row, rules.attributes)
    ? same
    : { do: 'compare', source, target, bytes: 'same' }
}

/** Whether the run that recorded the row gave all that is wanted. Times are always given. */
export function keepsEnough(
  row: Pick<PairRow, 'attributes'> | undefined,
  wanted: KeptAttributes | undefined,
): boolean {
  return wanted === undefined || row?.attributes === 'xattrs' || row?.attributes === wanted
}

/** An object may hold the file in compressed form. What is recorded tells whether it does, and else a request. */
function decideSizes(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): Decision {
  const sameSource = row !== undefined && isAsRecorded(source, row.source)
  const sameTarget = row !== undefined && isAsRecorded(target, row.target)
  // Also where what was compressed did not get smaller.
  if (sameSource && sameTarget && !rules.checksum) return sameIfKept(source, target, row, rules)
  const isForm = mayBeForms([source, rules.source], [target, rules.target])
  if (!isForm) return { do: 'copy', source }
  const sameObject = rules.source.hierarchical ? sameTarget : sameSource
  const otherSize = source.size !== row?.source.size || target.size !== row.target.size
  return sameObject && otherSize ? { do: 'copy', source } : { do: 'compare', source, target }
}

/** Undefined: a request tells. What the state knows of an object that is as recorded is its source's time. */
function isNewer(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): boolean | undefined {
  const known = row && isAsRecorded(target, row.target) ? row.source.modified : undefined
  const there = rules.target.modified === 'native' ? target.modified : known
  if (there === undefined || rules.source.modified !== 'native') return undefined
  return isLater(there, source.modified, rules.modifyWindow)
}

/**
 * Only with a destination. A directory of a file system goes only where directories are kept: else it is none of the
 * run's business. Between object stores a directory is an object like others.
 */
function decideExtraneous(target: Entry | undefined, rules: Rules): Decision {
  if (!target) return { do: 'forget' }
  if (!rules.delete) return nothing
  return isOfTheRun(target, rules) ? { do: 'remove', target } : nothing
}

/** Whether a run has anything to do with what the destination has there. */
export function isOfTheRun({ kind }: Entry, rules: Rules): boolean {
  return kind !== 'directory' || rules.archive || !anyHierarchical(rules)
}

/** What is in a directory changes its times on a file system, so that it is often looked at again; it costs little. */
function decideDirectory(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): Decision {
  if (rules.target.hierarchical && !rules.archive) return nothing
  const asBefore =
    row !== undefined && isAsRecorded(source, row.source) && isAsRecorded(target, row.target)
  if (asBefore && keepsEnough(row, rules.attributes)) return same
  // What nobody recorded may have its attributes already.
  const isUnknown = asBefore || !row
  const asks = !rules.target.hierarchical && isUnknown && source.size === target.size
  return asks ? { do: 'compare', source, target } : { do: 'copy', source }
}

function anyHierarchical(rules: Rules): boolean {
  return rules.source.hierarchical || rules.target.hierarchical
}

/** File systems say what is a link; an object store's listing does not. */
function bothTellKinds(rules: Rules): boolean {
  return rules.source.hierarchical && rules.target.hierarchical
}

function bothTellTimes(rules: Rules): boolean {
  return rules.source.modified === 'native' && rules.target.modified === 'native'
}

/** Both etags are digests, and nothing but the contents is to be compared. */
function etagsDecide({
  source,
  target,
  archive,
  compareMetadata,
  exactTimestamps,
}: Rules): boolean {
  const stored = source.modified === 'stored' && target.modified === 'stored'
  const digests = source.etagIsMd5 && target.etagIsMd5
  return stored && digests && !archive && !compareMetadata && !exactTimestamps
}

function sameMode(source: Entry, target: Entry, rules: Rules): boolean {
  return !rules.archive || isSameMode(source.file?.mode, target.file?.mode)
}

/**
 * Whether the entry is what the run saw that recorded it. A file system's device number may change over a restart, so
 * it is not looked at; inode and ctime are, because a swap of two files of one size and time is a change.
 */
export function isAsRecorded(entry: Entry, known: Known): boolean {
  if (entry.size !== known.size) return false
  if (entry.file)
    return (
      entry.modified === known.modified &&
      entry.file.inode === known.inode &&
      entry.file.ctime === known.ctime
    )
  if (known.modified !== 0n && entry.modified !== known.modified) return false
  return isSameEtag(entry.etag, known.etag)
}

/** What is lost of a file's time when it is set by way of a double of seconds: less than a microsecond. */
export const defaultModifyWindow: bigint = 999n

/** @param window nanoseconds by which equal times may differ */
export function isSameTime(
  a: bigint | undefined,
  b: bigint | undefined,
  window: bigint = defaultModifyWindow,
): boolean {
  if (a === undefined || b === undefined) return a === b
  const difference = a - b
  return difference >= -window && difference <= window
}

/** Whether `a` is after `b`, and not the same by the window. */
export function isLater(a: bigint, b: bigint, window: bigint): boolean {
  return a - b > window
}

/** What to record of an entry. The time of an upload is the store's and not known before the next listing: 0. */
export function knownOf(entry: Entry): Known {
  return {
    size: entry.size,
    modified: entry.modified,
    etag: entry.etag,
    version: entry.version,
    device: entry.file?.device,
    inode: entry.file?.inode,
    ctime: entry.file?.ctime,
  }
}

/** Setuid and setgid are kept in an object store, but no file system is given them back. */
export function isSameMode(a: number | undefined, b: number | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && (a & ~0o6000) === (b & ~0o6000))
}

/** What the destination has, and its version where that is known from when it was written: listings do not tell it. */
export function versioned(target: Entry, row: PairRow | undefined): Entry {
  if (row?.target.version === undefined || target.version !== undefined) return target
  return isAsRecorded(target, row.target) ? { ...target, version: row.target.version } : target
}
