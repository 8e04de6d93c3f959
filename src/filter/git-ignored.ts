// The lines of `.gitignore` files, deeper files after outer ones: of those that fit a name the last one decides.
import type { GitLine } from './git-lines.ts'
import { isPlainPath } from './plain-path.ts'

export class GitIgnored {
  /** The last one first. */
  readonly #lines: readonly GitLine[]
  readonly #directory: string
  readonly #above: GitIgnored | undefined

  /**
   * @param directory where the file of the lines is; ends in `/`, or is empty for the root
   * @param above the lines of directories above it
   */
  constructor(lines: readonly GitLine[], directory: string, above?: GitIgnored) {
    this.#lines = lines.toReversed()
    this.#directory = directory
    this.#above = above
  }

  /**
   * Says nothing of what is in a directory that is left out.
   * @param name below the file's directory, relative to the root; a directory's ends in `/`
   */
  ignores(name: string): boolean {
    if (!isPlainPath(name)) return false
    const decisive = this.#lastThatFits(name)
    return decisive !== undefined && !decisive.negated
  }

  #lastThatFits(name: string): GitLine | undefined {
    const below = name.slice(this.#directory.length)
    const own = this.#lines.find((line) => line.fits(below))
    return own ?? (this.#above ? this.#above.#lastThatFits(name) : undefined)
  }
}
