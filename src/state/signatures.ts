// The signatures of objects, as bytes: those of objects that this machine wrote or has fetched one of.
import type { Key } from '../core/key.ts'
import type { StateThread } from './thread.ts'
import type { Signatures } from './types.ts'

/** Bytes of all signatures; those that were written longest ago make room. Of an object of 1 GiB, 36 KB. */
const mostBytes = 2 ** 30

const sql = {
  get: 'SELECT bytes FROM signatures WHERE place = ? AND key = ?',
  put: `INSERT INTO signatures (place, key, written, bytes) VALUES (?, ?, ?, ?)
    ON CONFLICT (place, key) DO UPDATE SET written = excluded.written, bytes = excluded.bytes`,
  remove: 'DELETE FROM signatures WHERE place = ? AND key = ?',
  makeRoom: `DELETE FROM signatures WHERE id IN (SELECT id FROM (
    SELECT id, sum(length(bytes)) OVER (ORDER BY written DESC, id DESC) AS newer FROM signatures) WHERE newer > ?)`,
}

export class SignatureTable implements Signatures {
  readonly #thread: StateThread
  readonly #most: number

  constructor(thread: StateThread, most: number = mostBytes) {
    this.#thread = thread
    this.#most = most
  }

  async get(place: string, key: Key): Promise<Uint8Array | undefined> {
    const [row] = await this.#thread.read(sql.get, [place, key])
    return row?.[0] instanceof Uint8Array ? row[0] : undefined
  }

  async put(place: string, key: Key, bytes: Uint8Array): Promise<void> {
    await this.#thread.write([
      { sql: sql.put, rows: [[place, key, Date.now(), bytes]] },
      { sql: sql.makeRoom, rows: [[this.#most]] },
    ])
  }

  async remove(place: string, key: Key): Promise<void> {
    await this.#thread.write([{ sql: sql.remove, rows: [[place, key]] }])
  }
}
