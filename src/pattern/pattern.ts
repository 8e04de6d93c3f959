// What names an address means, where it means more than one.

/**
 * Names are those of keys below the directory that the pattern begins in. A directory's ends in `/`; that of the
 * directory that it begins in is empty.
 */
export interface Pattern {
  /** As it was written. */
  readonly text: string
  /** What to do where nothing matches: a sentence. */
  readonly hint: string
  matches(name: string): boolean
  /** Whether the name matches, or a directory that it lies in. */
  covers(name: string): boolean
  mayMatchBelow(directory: string): boolean
  /** Whether what matches may lie at any depth below the directory: then it is listed as a whole. */
  needsAllBelow(directory: string): boolean
  /**
   * What begins the names in the directory that match, or that lead to such: in the order of keys, none the beginning of
   * another. One that ends in `/` is all of a directory's name, and the directory itself does not match.
   */
  beginnings(directory: string): readonly string[]
}
