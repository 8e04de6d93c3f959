// What was opened, to be closed together: the last first. (Node 22 has no AsyncDisposableStack.)

export class Opened implements AsyncDisposable {
  #resources: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.#resources.push(resource)
    return resource
  }

  /** Hands everything over to a new owner; here nothing is left to close. */
  move(): Opened {
    const next = new Opened()
    next.#resources = this.#resources
    this.#resources = []
    return next
  }

  /** Closes all, also where closing one of them fails. @throws the first failure */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const resource of this.#resources.splice(0).toReversed()) {
      try {
        await resource[Symbol.asyncDispose]()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
