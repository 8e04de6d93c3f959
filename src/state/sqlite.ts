// node:sqlite, loaded without the warning that Node 22 prints about it, and one connection to a database.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row, SqlValue, Step } from './protocol.ts'

const { DatabaseSync: Database } = loadQuietly()

/** Node warns in a later tick, through `process.emitWarning`; other warnings pass. */
function loadQuietly(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes('SQLite is an experimental feature'))
      Reflect.apply(emitWarning, undefined, [warning, ...rest])
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

export class Connection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** An empty path is a temporary database on disk that nobody else sees and that ends with the connection. */
  constructor(path: string, busyTimeout: number, readOnly = false) {
    this.#database = new Database(path, { readOnly })
    this.exec(`PRAGMA busy_timeout = ${busyTimeout}`)
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  read(sql: string, values: readonly SqlValue[] = []): Row[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `setReturnArrays` makes rows arrays; their type still says objects
    return this.#statement(sql).all(...values) as unknown as Row[]
  }

  /** The first column of the first row. */
  value(sql: string): SqlValue | undefined {
    return this.read(sql)[0]?.[0]
  }

  /** In one transaction; returns the number of changed rows. */
  write(steps: readonly Step[]): number {
    return this.transaction(() => {
      let changes = 0
      for (const { sql, rows } of steps) {
        const statement = this.#statement(sql)
        for (const values of rows) changes += Number(statement.run(...values).changes)
      }
      return changes
    })
  }

  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.exec('COMMIT')
      return result
    } catch (error) {
      // Some failures (disk full, damage) have rolled back already.
      if (this.#database.isTransaction) this.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      statement.setReadBigInts(true)
      statement.setReturnArrays(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
