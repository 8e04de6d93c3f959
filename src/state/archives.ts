// Archived objects that runs met: what they were, and what was asked of their archive.
import type { Key } from '../core/key.ts'
import { Batcher } from './batcher.ts'
import { pageRows } from './pages.ts'
import type { Row } from './protocol.ts'
import { afterPrefix, scanned, type Bound } from './ranges.ts'
import type { StateThread } from './thread.ts'
import type { ArchivedObject, ArchivedRow, Archives, ScanOptions, Thaw } from './types.ts'
import * as values from './values.ts'

const object = ['size', 'etag', 'version', 'storage_class', 'noted', 'command']
const thawing = ['requested', 'tier', 'days', 'until']
const selected = `SELECT ${values.wholeText('key')}, ${[...object, ...thawing].join(', ')} FROM archived`

const sql = {
  note: `INSERT INTO archived (place, key, ${object.join(', ')}) VALUES (?, ?${', ?'.repeat(object.length)})
    ON CONFLICT (place, key) DO UPDATE SET ${[
      ...object.map((name) => `${name} = excluded.${name}`),
      ...thawing.map((name) => `${name} = iif(etag IS excluded.etag, ${name}, NULL)`),
    ].join(', ')}`,
  update: `UPDATE archived SET ${thawing.map((name) => `${name} = ?`).join(', ')} WHERE place = ? AND key = ?`,
  remove: 'DELETE FROM archived WHERE place = ? AND key = ?',
  get: `${selected} WHERE place = ? AND key = ?`,
  list: (bound: Bound) =>
    `${selected} WHERE place = ? AND key ${bound} ? AND key < ? ORDER BY key LIMIT ${pageRows}`,
  count: 'SELECT count(*) FROM archived WHERE place = ? AND key >= ? AND key < ?',
}

export class ArchiveTable implements Archives {
  readonly #thread: StateThread
  readonly #batcher: Batcher

  constructor(thread: StateThread) {
    this.#thread = thread
    this.#batcher = new Batcher((steps) => thread.write(steps))
  }

  note(place: string, noted: ArchivedObject): Promise<void> {
    return this.#batcher.add(sql.note, [
      place,
      noted.key,
      noted.size,
      values.fromText(noted.etag),
      values.fromText(noted.version),
      values.fromText(noted.storageClass),
      noted.noted.getTime(),
      noted.command,
    ])
  }

  update(place: string, key: Key, { requested, tier, days, until }: Thaw): Promise<void> {
    const row = [requested.getTime(), values.fromText(tier), days ?? null, until?.getTime() ?? null]
    return this.#batcher.add(sql.update, [...row, place, key])
  }

  remove(place: string, key: Key): Promise<void> {
    return this.#batcher.add(sql.remove, [place, key])
  }

  async get(place: string, key: Key): Promise<ArchivedRow | undefined> {
    await this.flush()
    const [row] = await this.#thread.read(sql.get, [place, key])
    return row && toRow(row)
  }

  async *list(
    place: string,
    prefix: Key,
    options: Omit<ScanOptions, 'prefix'> = {},
  ): AsyncGenerator<ArchivedRow, void, undefined> {
    await this.flush()
    const rows = scanned({ ...options, prefix }, async (bound, start, end) =>
      (await this.#thread.read(sql.list(bound), [place, start, end])).map(toRow),
    )
    for await (const row of rows) yield row
  }

  async count(place: string, prefix: Key): Promise<number> {
    await this.flush()
    const [row] = await this.#thread.read(sql.count, [place, prefix, afterPrefix(prefix)])
    return values.toNumber(row?.[0])
  }

  flush(): Promise<void> {
    return this.#batcher.flush()
  }

  /** Writes what is buffered; takes no more. */
  async end(): Promise<void> {
    try {
      await this.flush()
    } finally {
      this.#batcher.end()
    }
  }
}

function toRow(row: Row): ArchivedRow {
  const [key, size, etag, version, storageClass, noted, command, ...thaw] = row
  return {
    key: values.toKeyColumn(key),
    size: values.toNumber(size),
    etag: values.toOptionalText(etag),
    version: values.toOptionalText(version),
    storageClass: values.toOptionalText(storageClass),
    noted: values.toDate(noted),
    command: values.toText(command),
    thaw: toThaw(thaw),
  }
}

function toThaw([requested, tier, days, until]: Row): Thaw | undefined {
  if (requested === null) return undefined
  return {
    requested: values.toDate(requested),
    tier: values.toOptionalText(tier),
    days: days === null ? undefined : values.toNumber(days),
    until: until === null ? undefined : values.toDate(until),
  }
}
