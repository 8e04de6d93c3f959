// Commits what comes at the same time together: while one transaction is on its way to the disk, the next one gathers.
import type { SqlValue, Step } from '../../../state/protocol.ts'

interface Transaction {
  readonly steps: { readonly sql: string; readonly rows: (readonly SqlValue[])[] }[]
  readonly done: PromiseWithResolvers<void>
}

export class Commits {
  readonly #commit: (steps: readonly Step[]) => Promise<unknown>
  #gathering: Transaction | undefined
  #running: Promise<void> | undefined

  /** @param commit makes one transaction, durable when it resolves */
  constructor(commit: (steps: readonly Step[]) => Promise<unknown>) {
    this.#commit = commit
  }

  /** All of it in one transaction, maybe with others'. @throws what that failed with */
  add(steps: readonly Step[]): Promise<void> {
    const { steps: gathered, done } = (this.#gathering ??= {
      steps: [],
      done: Promise.withResolvers(),
    })
    for (const { sql, rows } of steps) {
      const last = gathered.at(-1)
      if (last?.sql === sql) last.rows.push(...rows)
      else gathered.push({ sql, rows: [...rows] })
    }
    this.#running ??= this.#run()
    return done.promise
  }

  /** Resolves when everything was committed, or has failed. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      const transaction = this.#gathering
      if (transaction === undefined) break
      this.#gathering = undefined
      await this.#commit(transaction.steps).then(
        () => transaction.done.resolve(),
        (error: unknown) => transaction.done.reject(error),
      )
    }
    this.#running = undefined
  }
}
