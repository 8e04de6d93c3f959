// Lines of `.gitignore` files, read by the library `ignore`, made fit for millions of names.
import ignore, { type Ignore } from 'ignore'
import { isPlainPath, keptNames } from './plain-path.ts'

/** What is in a directory that is left out is left out; of the lines that fit a name the last one decides. */
export class GitIgnored {
  readonly #lines: Ignore
  #current: Ignore
  #left = keptNames

  /** @param above lines that come before these */
  constructor(lines: readonly string[], above?: GitIgnored) {
    this.#lines = above ? copyOf(above.#lines).add(lines) : empty().add(lines)
    this.#current = copyOf(this.#lines)
  }

  /** @param name relative to the root; a directory's ends in `/` */
  ignores(name: string): boolean {
    if (!isPlainPath(name)) return false
    if (this.#left-- === 0) {
      this.#current = copyOf(this.#lines)
      this.#left = keptNames
    }
    return this.#current.ignores(name)
  }
}

function empty(): Ignore {
  return ignore({ ignorecase: false })
}

/** Of the same lines, compiled once, with nothing kept. */
function copyOf(lines: Ignore): Ignore {
  return empty().add(lines)
}
