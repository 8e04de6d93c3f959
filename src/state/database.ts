// A database of Hawser's: opened, made, brought up to date; moved aside or refused where it is damaged.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { makeDirectories } from './directory.ts'
import { damageOf, FaultError, isBusy, isDamage, isErrno } from './fault.ts'
import { databaseFile, type Schema } from './schema.ts'
import { Connection } from './sqlite.ts'

/** How long to wait for another process's write, in milliseconds. */
export const patience = 10_000

export interface Database {
  readonly connection: Connection
  /** Closes the connection, and moves the file aside where that is its way: it turned out to be damaged. */
  discard(): FaultError
}

/** @throws what faultOf classifies */
export function openDatabase(
  directory: string,
  schema: Schema,
  warn: (message: string) => void,
): Database {
  makeDirectory(directory)
  const connection = openAlone(directory, schema, warn)
  const file = databaseFile(directory, schema)
  const { ino } = statSync(file, { bigint: true })
  return {
    connection,
    discard: () => {
      closeDamaged(connection)
      if (schema.onDamage === 'refuse') return new FaultError(damageOf(schema))
      // Another process may have moved it, and begun a new one.
      const same = existsSync(file) && statSync(file, { bigint: true }).ino === ino
      // Not replaced within a run: what the run has read no longer fits a new one.
      return new FaultError({
        code: 'local-io',
        message: `${schema.what} is damaged, and was moved to ${same ? moveAside(file) : file}`,
        hint: 'Run again: a new one begins, and nothing but time is lost.',
      })
    },
  }
}

/**
 * A lock that ends with its holder, however that dies: the operating system's lock on a file, through SQLite, which
 * keeps two holders in one process apart too. The file stays: to remove it would let two hold it.
 * Returns undefined where another holds it after `wait` milliseconds.
 */
export function openLock(directory: string, name: string, wait: number): Connection | undefined {
  const locks = join(directory, 'locks')
  makeDirectory(locks)
  const file = join(locks, name)
  touch(file)
  const connection = new Connection(file, wait)
  try {
    connection.exec('BEGIN EXCLUSIVE')
    return connection
  } catch (error) {
    connection.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

/** A spool: no other process sees it, and a failure loses it anyway, so that it needs no journal. */
export function openSpool(): Connection {
  const connection = new Connection('', 0)
  connection.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE items (
      kind TEXT NOT NULL,
      position TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      payload TEXT NOT NULL,
      PRIMARY KEY (kind, position, sequence)
    ) STRICT, WITHOUT ROWID;`)
  return connection
}

/** The database, if it is whole and of the present version: what nearly every run finds. */
function openCurrent(file: string, schema: Schema): Connection | undefined {
  if (!existsSync(file)) return undefined
  const connection = connect(file, schema)
  try {
    if (versionOf(connection, schema) === schema.migrations.length) return connection
    connection.close()
  } catch (error) {
    closeDamaged(connection)
    if (!isReplaceable(error)) throw error
  }
  return undefined
}

/**
 * Opens the database, and makes, migrates or replaces it where that is needed: one process at a time, because SQLite
 * removes a log by its name when it closes a damaged database, and it could be the log of a new one.
 */
function openAlone(directory: string, schema: Schema, warn: (message: string) => void): Connection {
  const lock = openLock(directory, 'setup', patience)
  if (lock === undefined)
    throw new FaultError({
      code: 'local-io',
      message: `${schema.what} in ${directory} is being set up by another process`,
      hint: `Try again, or ${schema.elsewhere}.`,
    })
  const file = databaseFile(directory, schema)
  try {
    return openCurrent(file, schema) ?? setUp(file, schema, warn)
  } finally {
    lock.close()
  }
}

function setUp(file: string, schema: Schema, warn: (message: string) => void): Connection {
  touch(file)
  let connection = connect(file, schema)
  try {
    migrate(connection, schema)
    return connection
  } catch (error) {
    closeDamaged(connection)
    if (!isReplaceable(error)) throw error
  }
  if (schema.onDamage === 'refuse') throw new FaultError(damageOf(schema))
  const aside = moveAside(file)
  warn(`${file} was damaged, and was moved to ${aside}; a new one begins`)
  touch(file)
  connection = connect(file, schema)
  migrate(connection, schema)
  return connection
}

/** A database that some other program made. */
class ForeignError extends Error {}

function isReplaceable(error: unknown): boolean {
  return isDamage(error) || error instanceof ForeignError
}

function migrate(connection: Connection, schema: Schema): void {
  const { applicationId, migrations } = schema
  const from = versionOf(connection, schema)
  connection.exec('PRAGMA journal_mode = WAL')
  connection.transaction(() => {
    for (const step of migrations.slice(from)) connection.exec(step)
    connection.exec(`PRAGMA application_id = ${applicationId}`)
    connection.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

/** 0 for an empty database. @throws FaultError invalid-config for a newer one, ForeignError for another program's */
function versionOf(connection: Connection, schema: Schema): number {
  const { applicationId, migrations } = schema
  const ours = Number(connection.value('PRAGMA application_id')) === applicationId
  const version = Number(connection.value('PRAGMA user_version'))
  if (ours && version > migrations.length)
    throw new FaultError({
      code: 'invalid-config',
      message: `${schema.what} was made by a newer Hawser (version ${version}, this one knows ${migrations.length})`,
      hint: `Update Hawser, or ${schema.elsewhere}.`,
    })
  // Reading the schema also finds damage there; a newer version's need not be readable here.
  const empty = Number(connection.value('SELECT count(*) FROM sqlite_schema')) === 0
  if (!ours && !empty) throw new ForeignError('the database of another program')
  return empty ? 0 : version
}

function connect(file: string, schema: Schema): Connection {
  const connection = new Connection(file, patience)
  try {
    connection.exec(`
      PRAGMA synchronous = ${schema.synchronous};
      PRAGMA journal_size_limit = 16777216`)
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  return connection
}

function closeDamaged(connection: Connection): void {
  try {
    connection.close()
  } catch {
    // Nothing in it is wanted any more.
  }
}

function moveAside(file: string): string {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '')
  const aside = `${file}.damaged-${time}`
  renameSync(file, aside)
  // The log belongs to the database by name; a new database must not meet it.
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  }
  rmSync(`${aside}-shm`, { force: true })
  return aside
}

/** Durable, as far as it is new: SQLite makes its files so, but not the way to them. */
function makeDirectory(directory: string): void {
  const first = makeDirectories(directory, 0o700)
  // Windows cannot fsync a directory.
  if (first === undefined || process.platform === 'win32') return
  const top = dirname(resolve(first))
  for (let parent = dirname(resolve(directory)); ; parent = dirname(parent)) {
    const handle = openSync(parent, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    if (parent.length <= top.length) return
  }
}

/**
 * SQLite makes its files readable by all; what it makes beside this one gets this one's mode. A file that is there is
 * not opened: closing it would free every lock that this process holds on it, as POSIX has it.
 */
function touch(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}
