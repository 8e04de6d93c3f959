// Databases as goldens tell of them.
import { readFile } from 'node:fs/promises'

const { DatabaseSync } = process.getBuiltinModule('node:sqlite')

/** What the database is made of, and its marks. */
export function shapeOf(file: string): unknown[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return [
      'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name',
      'PRAGMA application_id',
      'PRAGMA user_version',
    ].map((sql) => database.prepare(sql).all())
  } finally {
    database.close()
  }
}

/** Makes the database of a golden beside this file. */
export async function makeGolden(name: string, file: string): Promise<void> {
  const database = new DatabaseSync(file)
  database.exec(await readFile(new URL(name, import.meta.url), 'utf8'))
  database.close()
}
