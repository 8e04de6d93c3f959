// What the source's `.gitignore` files leave out, as git does: each is read when its directory is entered.
import { toKey } from '../core/key.ts'
import { GitIgnored } from './git-ignored.ts'
import { parseGitLines } from './git-lines.ts'
import { whenKnown } from './known.ts'
import { Trail } from './trail.ts'
import type { ReadText, Verdict } from './types.ts'
import { open, type Judge } from './verdict.ts'

/** Of what is in one directory, what is left out. */
type Ignores = (name: string) => boolean

const everything: Ignores = () => true

interface Directory {
  readonly ignores: Ignores
  /** What its file and those above say; undefined where none says anything. */
  readonly lines: GitIgnored | undefined
}

const leftOutDirectory: Directory = { ignores: everything, lines: undefined }

/** How many directories are known beside those on the way to a name: several series of names pass them at about one time. */
const recent = 64

/** The files of one source, for any number of series of names. */
export class GitIgnoreFiles {
  readonly #readText: ReadText
  readonly #leftOut: Verdict
  readonly #recent = new Map<string, Directory | Promise<Directory>>()

  /** @param leftOut the verdict on what is left out */
  constructor(readText: ReadText, leftOut: Verdict) {
    this.#readText = readText
    this.#leftOut = leftOut
  }

  judge(): Judge {
    const trail = new Trail<Directory>((directory, above) =>
      above?.ignores(directory) ? leftOutDirectory : this.#enter(directory, above),
    )
    const judge = (name: string): Verdict | Promise<Verdict> =>
      whenKnown(trail.above(name), (above) => (above.ignores(name) ? this.#leftOut : open))
    return { judge, below: judge }
  }

  #enter(directory: string, above: Directory | undefined): Directory | Promise<Directory> {
    const known = this.#recent.get(directory)
    if (known) return known
    const reading = this.#read(directory, above)
    this.#keep(directory, reading)
    return reading.then(
      (found) => {
        if (this.#recent.get(directory) === reading) this.#recent.set(directory, found)
        return found
      },
      (error: unknown) => {
        this.#recent.delete(directory)
        throw error
      },
    )
  }

  async #read(directory: string, above: Directory | undefined): Promise<Directory> {
    const text = await this.#readText(toKey(`${directory}.gitignore`))
    const own = text === undefined ? [] : parseGitLines(text)
    const lines = own.length === 0 ? above?.lines : new GitIgnored(own, directory, above?.lines)
    return { lines, ignores: (name) => isRepository(name) || (lines?.ignores(name) ?? false) }
  }

  #keep(directory: string, reading: Promise<Directory>): void {
    this.#recent.set(directory, reading)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > recent && oldest !== undefined) this.#recent.delete(oldest)
  }
}

/** A repository's own directory, or the file that stands for it in a worktree. */
function isRepository(name: string): boolean {
  return /(?:^|\/)\.git\/?$/.test(name)
}
