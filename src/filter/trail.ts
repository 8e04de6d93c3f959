// What was found out about each directory on the way to the name that was asked for last. As names come in order, that
// is all that has to be kept: as many directories as a name is deep.

interface Step<T> {
  /** Ends in `/`; empty for the root. */
  readonly directory: string
  readonly above: Step<T> | undefined
  readonly value: T
}

/** Finds out about a directory; `above` is what is known of the one that it is in, undefined for the root, which is ''. */
export type Enter<T> = (directory: string, above: T | undefined) => T | Promise<T>

export class Trail<T> {
  readonly #enter: Enter<T>
  #last: Step<T> | undefined

  constructor(enter: Enter<T>) {
    this.#enter = enter
  }

  /** What is known of the directory that the name is in. A name may come out of order; it only takes longer. */
  above(name: string): T | Promise<T> {
    let step = this.#last
    while (step && !(name.length > step.directory.length && name.startsWith(step.directory)))
      step = step.above
    return step ? this.#descend(step, name) : this.#into('', undefined, name)
  }

  #descend(from: Step<T>, name: string): T | Promise<T> {
    const slash = name.indexOf('/', from.directory.length)
    if (slash !== -1 && slash < name.length - 1)
      return this.#into(name.slice(0, slash + 1), from, name)
    this.#last = from
    return from.value
  }

  #into(directory: string, above: Step<T> | undefined, name: string): T | Promise<T> {
    const value = this.#enter(directory, above?.value)
    if (value instanceof Promise)
      return value.then((known) => this.#descend({ directory, above, value: known }, name))
    return this.#descend({ directory, above, value }, name)
  }
}
