// Reads the ledger in the thread that asks.
import { compareKeys } from '../../../core/key.ts'
import { damageOf, errorOf, faultOf, type Fault } from '../../../state/fault.ts'
import type { Row, SqlValue } from '../../../state/protocol.ts'
import { afterPrefix } from '../../../state/ranges.ts'
import type { Connection } from '../../../state/sqlite.ts'
import { toNumber, toText, wholeText } from '../../../state/values.ts'
import * as rows from './rows.ts'
import { ledgerSchema } from './schema.ts'
import type { Ledger, VersionRow } from './types.ts'

const versions = `SELECT ${rows.versionColumns} FROM versions`
const uploads = `SELECT ${rows.uploadColumns} FROM uploads`
const parts = `SELECT ${rows.partColumns} FROM parts`

const sql = {
  bucket: `SELECT ${rows.bucketColumns} FROM buckets WHERE name = ?`,
  buckets: `SELECT ${rows.bucketColumns} FROM buckets ORDER BY name`,
  versions: `${versions} WHERE bucket = ? AND key = ? ORDER BY sequence DESC`,
  versionsOf: `${versions} WHERE bucket = ? AND key IN (SELECT value FROM json_each(?))
    ORDER BY key, sequence DESC`,
  scan: `${versions} WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key, sequence DESC LIMIT ?`,
  hiddenKeys: `SELECT ${wholeText('key')} FROM versions INDEXED BY hidden
    WHERE bucket = ? AND key >= ? AND key < ? AND (place IS NOT NULL OR marker = 1)
    GROUP BY key ORDER BY key LIMIT ?`,
  upload: `${uploads} WHERE id = ?`,
  uploads: `${uploads} INDEXED BY unfinished WHERE completed IS NULL AND bucket = ?
    AND (key, started, id) >= (?, ?, ?) AND key < ? ORDER BY key, started, id LIMIT ?`,
  part: `${parts} WHERE upload = ? AND number = ?`,
  parts: `${parts} WHERE upload = ? AND number > ? ORDER BY number LIMIT ?`,
  completed: `${uploads} WHERE completed IS NOT NULL ORDER BY json_extract(completed, '$.at')`,
  leftovers: `SELECT ${rows.leftoverColumns} FROM leftovers WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
  lastLeftover: 'SELECT coalesce(max(id), 0) FROM leftovers',
  isNamed: 'SELECT 1 FROM versions INDEXED BY places WHERE place = ? LIMIT 1',
}

export type LedgerReads = Omit<Ledger, 'write' | typeof Symbol.asyncDispose>

/** @param directory that the errors name */
export function readsOf(connection: Connection, directory: string): LedgerReads {
  function read<T>(
    statement: string,
    values: readonly SqlValue[],
    parse: (row: Row) => T,
  ): readonly T[] {
    const found = attempt(
      () => connection.read(statement, values),
      (error) => faultOf(error, ledgerSchema),
    )
    return attempt(
      () => found.map(parse),
      () => damageOf(ledgerSchema),
    )
  }
  function attempt<T>(work: () => T, fault: (error: unknown) => Fault): T {
    try {
      return work()
    } catch (error) {
      throw errorOf(fault(error), ledgerSchema, directory)
    }
  }
  return {
    bucket: (name) => read(sql.bucket, [name], rows.toBucket)[0],
    buckets: () => read(sql.buckets, [], rows.toBucket),
    versions: (bucket, key) => read(sql.versions, [bucket, key], rows.toVersion),
    versionsOf(bucket, keys) {
      const found = read(sql.versionsOf, [bucket, JSON.stringify(keys)], rows.toVersion)
      const byKey = new Map<string, VersionRow[]>()
      for (const row of found) {
        const others = byKey.get(row.key)
        if (others) others.push(row)
        else byKey.set(row.key, [row])
      }
      return byKey
    },
    scan: (bucket, { prefix, from, limit }) =>
      read(sql.scan, [bucket, later(prefix, from), afterPrefix(prefix), limit], rows.toVersion),
    hiddenKeys: (bucket, { prefix, from, limit }) =>
      read(sql.hiddenKeys, [bucket, later(prefix, from), afterPrefix(prefix), limit], ([key]) =>
        toText(key),
      ),
    upload: (id) => read(sql.upload, [id], rows.toUpload)[0],
    uploads(bucket, { prefix, from, limit }) {
      const start =
        from && compareKeys(from.key, prefix) >= 0
          ? [from.key, from.started, from.id]
          : [prefix, Number.MIN_SAFE_INTEGER, '']
      return read(sql.uploads, [bucket, ...start, afterPrefix(prefix), limit], rows.toUpload)
    },
    part: (upload, number) => read(sql.part, [upload, number], rows.toPart)[0],
    parts: (upload, after, limit) => read(sql.parts, [upload, after, limit], rows.toPart),
    completed: () =>
      read(sql.completed, [], rows.toUpload).map(({ id, completed }) => ({
        id,
        at: completed?.at ?? 0,
      })),
    leftovers: (after, upTo, limit) => read(sql.leftovers, [after, upTo, limit], rows.toLeftover),
    lastLeftover: () => read(sql.lastLeftover, [], ([id]) => toNumber(id))[0] ?? 0,
    isNamed: (place) => read(sql.isNamed, [place], () => true).length > 0,
  }
}

function later(a: string, b: string): string {
  return compareKeys(a, b) < 0 ? b : a
}
