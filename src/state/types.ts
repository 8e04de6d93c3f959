// What earlier runs know: which pairs of objects were made equal, what was interrupted, which runs there were.
// All of it can be lost at any time without harm: the next run then looks at the objects themselves.
import type { Key } from '../core/key.ts'
import type { PartReceipt, Upload } from '../core/store.ts'

export interface State extends AsyncDisposable {
  readonly pairs: PairIndex
  readonly journal: Journal
  readonly runs: RunHistory
  readonly signatures: Signatures
  readonly archives: Archives
  /** An empty spool of its own for each caller. */
  spool(): Promise<Spool>
  /**
   * One run at a time on a destination: held until disposed. The lock of a process that died is free.
   * @throws HawserError conflict, naming the process, host and start of the holder
   */
  lock(destination: string): Promise<RunLock>
}

export interface RunLock extends AsyncDisposable {
  /** The run that held it before was killed, and may have left unfinished work at the destination. */
  readonly holderDied: boolean
}

/** Two trees that a run made alike: ids of places, made by the caller. */
export interface TreePair {
  readonly source: string
  readonly target: string
}

/** One object as it was when a run last saw it. Times are nanoseconds since 1970. */
export interface Known {
  readonly size: number
  readonly modified: bigint
  readonly etag: string | undefined
  readonly version?: string | undefined
  readonly device?: bigint | undefined
  readonly inode?: bigint | undefined
  readonly ctime?: bigint | undefined
}

/** An object and its copy, whose bytes a run made or found equal. */
export interface PairRow {
  readonly key: Key
  readonly source: Known
  readonly target: Known
  /** Of the whole object, unsigned. */
  readonly crc64nvme: bigint | undefined
  /** What the copy replaced. */
  readonly previous?: Previous | undefined
  readonly attributes?: KeptAttributes | undefined
}
/** What a run gave the copy of the source's attributes, beside the time: all but the extended ones, or those, too. */
export type KeptAttributes = 'all' | 'xattrs'
export interface Previous {
  readonly etag?: string | undefined
  readonly version?: string | undefined
}

/** What of a row tells whether its source is as it was. */
export interface SourceRow extends Pick<PairRow, 'attributes'> {
  readonly key: Key
  readonly source: Seen
}
export type Seen = Pick<Known, 'size' | 'modified' | 'inode' | 'ctime'>

/** A name that a run left because of a conflict. */
export interface Conflict {
  readonly key: Key
  readonly noted: Date
  readonly message: string
}

export interface ScanOptions {
  /** Only rows whose key comes after this one. */
  readonly after?: Key | undefined
  readonly prefix?: Key | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * What is put is buffered. `scan` and `get` write it first; `isEmpty`, `all` and those that begin with `of` do not, so
 * that a lookup for each new object leaves the batches whole: they may miss what was put, and tell what was removed or
 * replaced, within the last batches.
 */
export interface PairIndex {
  /**
   * Rows of one tree pair in the order of compareKeys, all that was put before the call included. Holds two pages;
   * a row that is put or removed during the scan may or may not be seen.
   */
  scan(pair: TreePair, options?: ScanOptions): AsyncIterable<PairRow>
  /** As `scan`, and less of each row: for what goes through all of them. */
  scanSources(pair: TreePair, options?: ScanOptions): AsyncIterable<SourceRow>
  /** The targets of the pairs that have this source. */
  targetsOf(source: string): Promise<readonly string[]>
  get(pair: TreePair, key: Key): Promise<PairRow | undefined>
  /** No run has made any of these alike. */
  isEmpty(pair: TreePair): Promise<boolean>
  /** All that runs have made alike, whatever became of them. */
  all(): Promise<readonly TreePair[]>
  /** Rows whose source had this inode: at most 100, as hard links are. */
  ofInode(pair: TreePair, inode: bigint): Promise<readonly PairRow[]>
  /** Whether there is a row whose source had this size; never below `leastContent`. */
  ofSize(pair: TreePair, size: number): Promise<boolean>
  /** Rows whose source had this size and checksum: at most 10, and none below `leastContent`. */
  ofContent(pair: TreePair, size: number, crc64nvme: bigint): Promise<readonly PairRow[]>
  /**
   * Resolves when the row is accepted; it is written soon after, in order, in batches. Waits while too many wait.
   * @throws what failed in an earlier batch
   */
  put(pair: TreePair, row: PairRow): Promise<void>
  /** Buffered as `put` is. */
  remove(pair: TreePair, key: Key): Promise<void>
  /** Notes a conflict, until the row of the name is put or removed. Buffered as `put` is. */
  putConflict(pair: TreePair, conflict: Conflict): Promise<void>
  /** Forgets all. Buffered as `put` is. */
  settleConflicts(pair: TreePair): Promise<void>
  /** In the order of compareKeys; as `scan`. */
  conflicts(pair: TreePair, options?: ScanOptions): AsyncIterable<Conflict>
  /** Resolves when all that was put and removed is written. */
  flush(): Promise<void>
}

/** Multipart transfers that were begun, or are about to be, and not ended: what a later run resumes or clears away. */
export interface Journal {
  /** `target` is the id of a place, made by the caller. */
  find(target: string, key: Key): Promise<JournalEntry | undefined>
  /** Replaces what was journalled for this target and key. Survives the death of this process once it resolves. */
  begin(entry: JournalEntry): Promise<void>
  /** Notes a part that has arrived; again for the same number, the last one counts. Survives as `begin` does. */
  part(target: string, key: Key, receipt: PartReceipt): Promise<void>
  /** Forgets the transfer: completed or aborted. Unknown is no error. */
  end(target: string, key: Key): Promise<void>
  /** All entries, or those of one target, oldest first. */
  all(target?: string): AsyncIterable<JournalEntry>
}

export interface JournalEntry {
  readonly target: string
  readonly key: Key
  /** Undefined while the store has not told what it began: it may have begun one that nobody knows. */
  readonly upload: Upload | undefined
  readonly source: JournalSource
  readonly partSize: number
  readonly started: Date
  /** Those that have arrived, by number. */
  readonly parts: readonly PartReceipt[]
}
export interface JournalSource {
  readonly id: string
  readonly key: Key
  /** Tells its state, and what the upload was begun with: the text is the caller's. */
  readonly etag: string | undefined
  readonly size: number
}

/** Signatures of objects, as bytes that nobody has looked at. Not too many: the oldest go first. */
export interface Signatures {
  /** `place` is the id of a store, made by the caller. */
  get(place: string, key: Key): Promise<Uint8Array | undefined>
  /** Replaces the one that there is. */
  put(place: string, key: Key, bytes: Uint8Array): Promise<void>
  remove(place: string, key: Key): Promise<void>
}

/** Objects that a run met and could not read or copy because they are archived. */
export interface Archives {
  /**
   * Replaces what is known of the object, but for a thawing of the same etag. Buffered: resolves when accepted, waits
   * while too many wait; every read writes it first. `place` is the id of a store, made by the caller.
   * @throws what failed in an earlier batch
   */
  note(place: string, object: ArchivedObject): Promise<void>
  /** What is known of its thawing, where the object is noted. Buffered as `note` is. */
  update(place: string, key: Key, thaw: Thaw): Promise<void>
  /** Buffered as `note` is. Unknown is no error. */
  remove(place: string, key: Key): Promise<void>
  get(place: string, key: Key): Promise<ArchivedRow | undefined>
  /** In the order of compareKeys; holds two pages. */
  list(
    place: string,
    prefix: Key,
    options?: Omit<ScanOptions, 'prefix'>,
  ): AsyncIterable<ArchivedRow>
  count(place: string, prefix: Key): Promise<number>
  /** Resolves when all is written. */
  flush(): Promise<void>
}
export interface ArchivedObject {
  readonly key: Key
  readonly size: number
  readonly etag: string | undefined
  readonly version?: string | undefined
  readonly storageClass: string | undefined
  readonly noted: Date
  /** The command whose run met it: "sync", "cp". */
  readonly command: string
}
export interface ArchivedRow extends ArchivedObject {
  /** Undefined where none was requested. */
  readonly thaw: Thaw | undefined
}
export interface Thaw {
  readonly requested: Date
  readonly tier: string | undefined
  /** How long the thawed copy was asked to last. */
  readonly days: number | undefined
  /** When the thawed copy ends; undefined while it is not known. */
  readonly until: Date | undefined
}

/** Deferred work of a run, kept on disk instead of in memory; gone when disposed, or when the process dies. */
export interface Spool extends AsyncDisposable {
  /** Resolves when accepted; waits while too many wait. @throws what failed in an earlier batch */
  push(kind: string, order: string, payload: string): Promise<void>
  /** By the UTF-8 bytes of `order`, equal ones as they were pushed; descending is the exact reverse. */
  read(kind: string, direction: 'ascending' | 'descending'): AsyncIterable<SpoolItem>
  /** The payload of the first that was pushed with this `order`. */
  get(kind: string, order: string): Promise<string | undefined>
  /** As `get`, and removes it: of two who take, one gets it. */
  take(kind: string, order: string): Promise<string | undefined>
  count(kind: string): Promise<number>
  /** Whether some `order` begins with this. */
  holds(kind: string, prefix: string): Promise<boolean>
}
export interface SpoolItem {
  readonly order: string
  readonly payload: string
}

export interface RunHistory {
  /** Returns the run's id: ids sort by the time of their beginning. */
  begin(run: RunStart): Promise<string>
  end(id: string, summary: unknown, exitCode: number): Promise<void>
  /**
   * The run with this id, or the only one whose id begins so.
   * @throws HawserError invalid-argument where several begin so
   */
  get(id: string): Promise<RunRecord | undefined>
  /** The one that began last. */
  latest(): Promise<RunRecord | undefined>
  /** Newest first. */
  list(limit: number): AsyncIterable<RunRecord>
}
export interface RunStart {
  readonly command: string
  readonly from: string | undefined
  readonly to: string | undefined
  /** Kept as JSON. Must hold no secret. */
  readonly options: unknown
}
export interface RunRecord extends RunStart {
  readonly id: string
  readonly started: Date
  /** Undefined while it runs, and for ever when it died. */
  readonly ended: Date | undefined
  readonly exitCode: number | undefined
  readonly summary: unknown
  /** `unknown` where its end is not known, and it went on elsewhere. */
  readonly state: 'ended' | 'running' | 'killed' | 'unknown'
}
