// The journal of multipart transfers: what was begun, and which parts have arrived.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type { PartReceipt } from '../core/store.ts'
import { paged, pageRows } from './pages.ts'
import type { Row, SqlValue } from './protocol.ts'
import type { StateThread } from './thread.ts'
import type { Journal, JournalEntry } from './types.ts'
import * as values from './values.ts'

const { wholeText } = values
const selected = `SELECT id, target, ${wholeText('key')}, ${wholeText('upload_key')}, upload_id, source_id,
  ${wholeText('source_key')}, source_etag, source_size, part_size, started FROM uploads`

const sql = {
  find: `${selected} WHERE target = ? AND key = ?`,
  all: `${selected} WHERE id > ? ORDER BY id LIMIT ${pageRows}`,
  allOf: `${selected} WHERE id > ? AND target = ? ORDER BY id LIMIT ${pageRows}`,
  parts: 'SELECT number, size, etag, crc64nvme FROM parts WHERE upload = ? ORDER BY number',
  begin: `INSERT INTO uploads (target, key, upload_key, upload_id, source_id, source_key, source_etag, source_size,
    part_size, started) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  part: `INSERT OR REPLACE INTO parts (upload, number, size, etag, crc64nvme)
    SELECT id, ?, ?, ?, ? FROM uploads WHERE target = ? AND key = ?`,
  end: 'DELETE FROM uploads WHERE target = ? AND key = ?',
}

/** Instead of an id: those of stores are never empty. */
const unanswered = ''

export class UploadJournal implements Journal {
  readonly #thread: StateThread

  constructor(thread: StateThread) {
    this.#thread = thread
  }

  async find(target: string, key: Key): Promise<JournalEntry | undefined> {
    const [row] = await this.#thread.read(sql.find, [target, key])
    return row && this.#entry(row)
  }

  async begin(entry: JournalEntry): Promise<void> {
    const { target, key, upload, source } = entry
    await this.#thread.write([
      { sql: sql.end, rows: [[target, key]] },
      {
        sql: sql.begin,
        rows: [
          [
            target,
            key,
            upload?.key ?? key,
            upload?.id ?? unanswered,
            source.id,
            source.key,
            values.fromText(source.etag),
            source.size,
            entry.partSize,
            entry.started.getTime(),
          ],
        ],
      },
      { sql: sql.part, rows: entry.parts.map((part) => fromPart(target, key, part)) },
    ])
  }

  async part(target: string, key: Key, receipt: PartReceipt): Promise<void> {
    const rows = [fromPart(target, key, receipt)]
    if ((await this.#thread.write([{ sql: sql.part, rows }])) === 0)
      throw new HawserError('internal', 'a part of a transfer that is not in the journal', {
        op: 'journal',
        key,
      })
  }

  async end(target: string, key: Key): Promise<void> {
    await this.#thread.write([{ sql: sql.end, rows: [[target, key]] }])
  }

  async *all(target?: string): AsyncGenerator<JournalEntry, void, undefined> {
    const rows = paged<Row>((last) => {
      const after = last?.[0] ?? 0
      return target === undefined
        ? this.#thread.read(sql.all, [after])
        : this.#thread.read(sql.allOf, [after, target])
    })
    for await (const row of rows) yield await this.#entry(row)
  }

  async #entry(row: Row): Promise<JournalEntry> {
    const [id = null, target, key, uploadKey, uploadId, ...rest] = row
    const [sourceId, sourceKey, etag, size, partSize, started] = rest
    const upload = { key: values.toKeyColumn(uploadKey), id: values.toText(uploadId) }
    const parts = await this.#thread.read(sql.parts, [id])
    return {
      target: values.toText(target),
      key: values.toKeyColumn(key),
      upload: upload.id === unanswered ? undefined : upload,
      source: {
        id: values.toText(sourceId),
        key: values.toKeyColumn(sourceKey),
        etag: values.toOptionalText(etag),
        size: values.toNumber(size),
      },
      partSize: values.toNumber(partSize),
      started: values.toDate(started),
      parts: parts.map(toPart),
    }
  }
}

function fromPart(target: string, key: Key, part: PartReceipt): SqlValue[] {
  const { number, size, etag, crc64nvme } = part
  return [number, size, values.fromText(etag), values.fromUnsigned(crc64nvme), target, key]
}

function toPart(row: Row): PartReceipt {
  const [number, size, etag, crc64nvme] = row
  return {
    number: values.toNumber(number),
    size: values.toNumber(size),
    etag: values.toOptionalText(etag),
    crc64nvme: values.toUnsigned(crc64nvme),
  }
}
