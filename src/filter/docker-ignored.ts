// The patterns of a `.dockerignore`: one fits a name itself or a directory above it; of those that fit the last decides.
import { HawserError } from '../core/errors.ts'
import { dockerLines } from './docker-lines.ts'
import { dockerTest } from './docker-pattern.ts'
import { isPlainPath } from './plain-path.ts'

interface DockerPattern {
  /** What fits is in again. */
  readonly exception: boolean
  fits(path: string): boolean
}

/** The place of no pattern. */
export const none = -1

export class DockerIgnored {
  /** Something in a directory that is left out may be in again. */
  readonly hasExceptions: boolean
  readonly #patterns: readonly DockerPattern[]

  /**
   * @param file its name, for errors
   * @throws HawserError invalid-argument for a pattern that Docker would refuse
   */
  constructor(text: string, file: string) {
    this.#patterns = dockerLines(text).map(({ line, exception, pattern }) => {
      const fits = dockerTest(pattern)
      if (!fits) throw notValid(line, file)
      return { exception, fits }
    })
    this.hasExceptions = this.#patterns.some(({ exception }) => exception)
  }

  /**
   * The place of the last pattern that fits a name.
   * @param above that of the directory that it is in
   */
  lastThatFits(name: string, above: number): number {
    if (!isPlainPath(name)) return none
    const path = name.endsWith('/') ? name.slice(0, -1) : name
    for (let place = this.#patterns.length - 1; place > above; place--)
      if (this.#patterns[place]?.fits(path)) return place
    return above
  }

  /** Whether what has this last pattern is left out. */
  leavesOut(place: number): boolean {
    const pattern = this.#patterns[place]
    return pattern !== undefined && !pattern.exception
  }
}

function notValid(line: string, file: string): HawserError {
  return new HawserError(
    'invalid-argument',
    `${file} has a pattern that is not valid: ${JSON.stringify(line)}`,
    {
      op: 'filter',
      hint: 'Is a bracket not closed, or does ** stand beside other characters too often?',
    },
  )
}
