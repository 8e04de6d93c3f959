// What to do with one name: pure, from what the listings and the state say. Evidence that costs a read is asked for
// by `compare`, and gathered elsewhere.
import type { Entry, Traits } from '../core/store.ts'
import type { Known, PairRow } from '../state/types.ts'
import type { Merged } from './merge.ts'

export type Candidate = Merged<Entry, Entry, PairRow>

export type Decision =
  | { readonly do: 'nothing' }
  /** The state has a row for what is gone on both sides. */
  | { readonly do: 'forget' }
  | { readonly do: 'copy'; readonly source: Entry }
  /** Same size, and whether the bytes are the same must be found out. */
  | { readonly do: 'compare'; readonly source: Entry; readonly target: Entry }
  | { readonly do: 'remove'; readonly target: Entry }
  | { readonly do: 'skip'; readonly source: Entry; readonly reason: string }

export interface Rules {
  readonly archive: boolean
  readonly checksum: boolean
  readonly delete: boolean
  readonly source: Traits
  readonly target: Traits
}

const nothing: Decision = { do: 'nothing' }

export function decide({ source, target, row }: Candidate, rules: Rules): Decision {
  if (!source) return decideExtraneous(target, rules)
  if (source.kind === 'special') return { do: 'skip', source, reason: 'not a regular file' }
  if (source.kind === 'symlink' && !rules.archive)
    return { do: 'skip', source, reason: 'a symbolic link (-a keeps links)' }
  if (!target) return { do: 'copy', source }
  if (source.kind === 'directory' && anyHierarchical(rules))
    return decideDirectory(source, target, row, rules)
  if (
    source.kind !== target.kind &&
    (source.kind === 'symlink' || target.kind === 'symlink') &&
    bothTellKinds(rules)
  )
    return { do: 'copy', source }
  if (source.size !== target.size) return { do: 'copy', source }
  if (rules.checksum) return { do: 'compare', source, target }
  if (row)
    return isAsRecorded(source, row.source) && isAsRecorded(target, row.target)
      ? nothing
      : { do: 'compare', source, target }
  if (
    bothTellKinds(rules) &&
    isSameTime(source.modified, target.modified) &&
    sameMode(source, target, rules)
  )
    return nothing
  return { do: 'compare', source, target }
}

/**
 * Only with a destination. A directory of a file system goes only where directories are kept: else it is none of the
 * run's business. Between object stores a directory is an object like others.
 */
function decideExtraneous(target: Entry | undefined, rules: Rules): Decision {
  if (!target) return { do: 'forget' }
  if (!rules.delete) return nothing
  return target.kind === 'directory' && !rules.archive && anyHierarchical(rules)
    ? nothing
    : { do: 'remove', target }
}

/** What is in a directory changes its times on a file system, so that it is often looked at again; it costs little. */
function decideDirectory(
  source: Entry,
  target: Entry,
  row: PairRow | undefined,
  rules: Rules,
): Decision {
  if (rules.target.hierarchical && !rules.archive) return nothing
  const same =
    row !== undefined && isAsRecorded(source, row.source) && isAsRecorded(target, row.target)
  return same ? nothing : { do: 'copy', source }
}

function anyHierarchical(rules: Rules): boolean {
  return rules.source.hierarchical || rules.target.hierarchical
}

/** File systems say what is a link; an object store's listing does not. */
function bothTellKinds(rules: Rules): boolean {
  return rules.source.hierarchical && rules.target.hierarchical
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
  return entry.etag !== undefined && entry.etag === known.etag
}

/** Equal as far as a file's time can be set: by way of a double of seconds, to less than a microsecond. */
export function isSameTime(a: bigint | undefined, b: bigint | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const difference = a - b
  return difference > -1000n && difference < 1000n
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
