// Lines of a `.dockerignore`, read by the library that knows Docker's rules, made fit for millions of names.
import dockerignore, { type Ignore } from '@balena/dockerignore'
import { HawserError } from '../core/errors.ts'
import { dockerPatterns } from './docker-patterns.ts'
import { isPlainPath, keptNames } from './plain-path.ts'

/** A name is left out by a pattern that fits it or a directory above it; of those that fit the last one decides. */
export class DockerIgnored {
  /** Something in a directory that is left out may be in again. */
  readonly hasExceptions: boolean
  readonly #patterns: string[]
  #current: Ignore
  #left = keptNames

  /**
   * @param file its name, for errors
   * @throws HawserError invalid-argument for a pattern that Docker would refuse
   */
  constructor(text: string, file: string) {
    this.#patterns = dockerPatterns(text)
    for (const pattern of this.#patterns) requireValid(pattern, file)
    this.hasExceptions = this.#patterns.some((pattern) => pattern.startsWith('!'))
    this.#current = compiled(this.#patterns)
  }

  ignores(name: string): boolean {
    if (!isPlainPath(name)) return false
    if (this.#left-- === 0) {
      this.#current = compiled(this.#patterns)
      this.#left = keptNames
    }
    return this.#current.ignores(name.endsWith('/') ? name.slice(0, -1) : name)
  }
}

function compiled(patterns: string[]): Ignore {
  const made = dockerignore.default({ ignorecase: false }).add(patterns)
  // Its own keeps names in an object that has some already, such as `constructor`.
  const empty: unknown = Object.create(null)
  return Object.assign(made, { _cache: empty })
}

function requireValid(pattern: string, file: string): void {
  try {
    compiled([pattern]).ignores('x')
  } catch (error) {
    throw new HawserError(
      'invalid-argument',
      `${file} has a pattern that is not valid: ${JSON.stringify(pattern)}`,
      { op: 'filter', hint: 'Is a bracket not closed?', cause: error },
    )
  }
}
