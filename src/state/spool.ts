// Deferred work of a run, in a temporary database that ends with the run however that ends.
import { Batcher } from './batcher.ts'
import { pageRows, paged } from './pages.ts'
import type { Row, SqlValue } from './protocol.ts'
import type { StateThread } from './thread.ts'
import type { Spool, SpoolItem } from './types.ts'
import { toText, wholeText } from './values.ts'

const insert = 'INSERT INTO items (kind, position, sequence, payload) VALUES (?, ?, ?, ?)'
const selected = `SELECT ${wholeText('position')}, ${wholeText('payload')}, sequence FROM items`
const select = {
  ascending: `${selected} WHERE kind = ? AND (position, sequence) > (?, ?)
    ORDER BY position, sequence LIMIT ${pageRows}`,
  descending: `${selected} WHERE kind = ? AND (position, sequence) < (?, ?)
    ORDER BY position DESC, sequence DESC LIMIT ${pageRows}`,
}
const firstFrom = `SELECT ${wholeText('position')} FROM items
    WHERE kind = ? AND position >= ? ORDER BY position, sequence LIMIT 1`
const firstOf = 'kind = ? AND position = ? ORDER BY sequence LIMIT 1'
const get = `SELECT ${wholeText('payload')} FROM items WHERE ${firstOf}`
const take = `DELETE FROM items WHERE (kind, position, sequence) =
    (SELECT kind, position, sequence FROM items WHERE ${firstOf}) RETURNING ${wholeText('payload')}`
/** Sequences begin at 1, and SQLite orders every blob after every text. */
const edge: Record<'ascending' | 'descending', readonly SqlValue[]> = {
  ascending: ['', 0],
  descending: [new Uint8Array(1), 0],
}

export async function openSpool(thread: StateThread): Promise<Spool> {
  return new TemporarySpool(thread, await thread.call({ do: 'spool' }))
}

class TemporarySpool implements Spool {
  readonly #thread: StateThread
  readonly #database: number
  readonly #batcher: Batcher
  readonly #counts = new Map<string, number>()
  #sequence = 0

  constructor(thread: StateThread, database: number) {
    this.#thread = thread
    this.#database = database
    this.#batcher = new Batcher((steps) => thread.write(steps, database))
  }

  push(kind: string, order: string, payload: string): Promise<void> {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    return this.#batcher.add(insert, [kind, order, ++this.#sequence, payload])
  }

  async *read(
    kind: string,
    direction: 'ascending' | 'descending',
  ): AsyncGenerator<SpoolItem, void, undefined> {
    await this.#batcher.flush()
    const rows = paged<Row>((last) => {
      const from = last ? [toText(last[0]), last[2] ?? 0] : edge[direction]
      return this.#thread.read(select[direction], [kind, ...from], this.#database)
    })
    for await (const [order, payload] of rows)
      yield { order: toText(order), payload: toText(payload) }
  }

  async get(kind: string, order: string): Promise<string | undefined> {
    return this.#first(get, kind, order)
  }

  async take(kind: string, order: string): Promise<string | undefined> {
    const payload = await this.#first(take, kind, order)
    if (payload !== undefined) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) - 1)
    return payload
  }

  count(kind: string): Promise<number> {
    return Promise.resolve(this.#counts.get(kind) ?? 0)
  }

  async holds(kind: string, prefix: string): Promise<boolean> {
    await this.#batcher.flush()
    const [row] = await this.#thread.read(firstFrom, [kind, prefix], this.#database)
    return row !== undefined && toText(row[0]).startsWith(prefix)
  }

  async #first(statement: string, kind: string, order: string): Promise<string | undefined> {
    await this.#batcher.flush()
    const [row] = await this.#thread.read(statement, [kind, order], this.#database)
    return row && toText(row[0])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#batcher.end()
    await this.#thread.close(this.#database)
  }
}
