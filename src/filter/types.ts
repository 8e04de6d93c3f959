// What a run concerns itself with, and what it leaves alone.
import type { Key } from '../core/key.ts'
import type { Entry } from '../core/store.ts'

/** As the command's flags say it. Left out means: nothing of the kind. */
export interface FilterOptions {
  /** rsync's rules in their order, the first that fits decides: `+ PATTERN`, `- PATTERN`, `P PATTERN` and so on. */
  readonly rules?: readonly string[] | undefined
  /** Leave out what `.gitignore` files in the source say, as git does. */
  readonly gitignore?: boolean | undefined
  /** Files of patterns, read already: in `.dockerignore`'s form where they have that name, else in `.gitignore`'s. */
  readonly ignoreFiles?: readonly IgnoreFile[] | undefined
  /** Bytes. */
  readonly maxSize?: number | undefined
  /** Bytes. */
  readonly minSize?: number | undefined
  /** Nanoseconds since 1970: only objects modified at or after it. */
  readonly newerThan?: bigint | undefined
  /** Nanoseconds since 1970: only objects modified at or before it. */
  readonly olderThan?: bigint | undefined
  /** What is left out is not protected at the destination: a run that deletes removes it there. */
  readonly deleteExcluded?: boolean | undefined
}

export interface IgnoreFile {
  readonly name: string
  readonly text: string
}

/** What applies to one name. */
export interface Verdict {
  /** The source's object is as if it were not there. */
  readonly hidden: boolean
  /** The destination's object is not touched where the source has none, or a hidden one. */
  readonly protected: boolean
}

/** Names are relative to the trees' roots; those of directories end in `/`. */
export interface Filter {
  /**
   * Of one name, in the order of compareKeys among all calls: both sides' entries as far as there are any. A name below
   * a directory that is left out is left out.
   */
  judge(
    name: string,
    source: Entry | undefined,
    target: Entry | undefined,
  ): Verdict | Promise<Verdict>
  /** Whether a walk of that side has to go into the directory: false where nothing below it could matter. */
  enters(directory: string, side: 'source' | 'target'): boolean | Promise<boolean>
}

/** Reads a small text file of the source, such as a `.gitignore`; undefined where there is none. */
export type ReadText = (key: Key) => Promise<string | undefined>
