// What one database of Hawser's is: plain data, so that its thread can be told.
import { join } from 'node:path'

export interface Schema {
  /** The file is `<name>.sqlite` in its directory. */
  readonly name: 'state' | 'ledger'
  /** What `PRAGMA application_id` holds. */
  readonly applicationId: number
  /** The step at index n leads from version n to n + 1, which `PRAGMA user_version` holds. */
  readonly migrations: readonly string[]
  /**
   * NORMAL: what is committed survives the death of the process; a power cut may lose the last of it.
   * FULL: it survives that too.
   */
  readonly synchronous: 'NORMAL' | 'FULL'
  /** A damaged database is moved aside and begun anew, or left as it is. */
  readonly onDamage: 'replace' | 'refuse'
  /** What it is in messages: "the state of runs". */
  readonly what: string
  /** What the user can do where its directory will not do: "choose another …". */
  readonly elsewhere: string
}

export function databaseFile(directory: string, { name }: Schema): string {
  return join(directory, `${name}.sqlite`)
}
