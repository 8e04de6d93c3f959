// The state's own database: opened, made, brought up to date, or moved aside where it is damaged.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FaultError, isBusy, isDamage } from './fault.ts'
import { applicationId, migrations } from './migrations.ts'
import { Connection } from './sqlite.ts'

/** How long to wait for another process's write, in milliseconds. */
const patience = 10_000
const fileName = 'state.sqlite'

export interface StateDatabase {
  readonly connection: Connection
  /** Closes the connection and moves the file aside: it turned out to be damaged. Returns its new path. */
  discard(): string
}

/** @throws what faultOf classifies */
export function openDatabase(directory: string, warn: (message: string) => void): StateDatabase {
  makeDirectory(directory)
  const file = join(directory, fileName)
  const connection = openAlone(directory, file, warn)
  const { ino } = statSync(file, { bigint: true })
  return {
    connection,
    discard: () => {
      closeDamaged(connection)
      // Another process may have moved it, and begun a new one.
      const same = existsSync(file) && statSync(file, { bigint: true }).ino === ino
      return same ? moveAside(file) : file
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
function openCurrent(file: string): Connection | undefined {
  if (!existsSync(file)) return undefined
  const connection = connect(file)
  try {
    if (versionOf(connection) === migrations.length) return connection
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
function openAlone(directory: string, file: string, warn: (message: string) => void): Connection {
  const lock = openLock(directory, 'setup', patience)
  if (lock === undefined)
    throw new FaultError({
      code: 'local-io',
      message: `the state in ${directory} is being set up by another process`,
      hint: 'Try again, or choose another directory with --state-dir.',
    })
  try {
    return openCurrent(file) ?? setUp(file, warn)
  } finally {
    lock.close()
  }
}

function setUp(file: string, warn: (message: string) => void): Connection {
  touch(file)
  let connection = connect(file)
  try {
    migrate(connection)
    return connection
  } catch (error) {
    closeDamaged(connection)
    if (!isReplaceable(error)) throw error
  }
  const aside = moveAside(file)
  warn(`${file} was damaged, and was moved to ${aside}; a new state begins`)
  touch(file)
  connection = connect(file)
  migrate(connection)
  return connection
}

/** A database that some other program made. */
class ForeignError extends Error {}

function isReplaceable(error: unknown): boolean {
  return isDamage(error) || error instanceof ForeignError
}

function migrate(connection: Connection): void {
  const from = versionOf(connection)
  connection.exec('PRAGMA journal_mode = WAL')
  connection.transaction(() => {
    for (const step of migrations.slice(from)) connection.exec(step)
    connection.exec(`PRAGMA application_id = ${applicationId}`)
    connection.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

/** 0 for an empty database. @throws FaultError invalid-config for a newer one, ForeignError for another program's */
function versionOf(connection: Connection): number {
  const ours = Number(connection.value('PRAGMA application_id')) === applicationId
  const version = Number(connection.value('PRAGMA user_version'))
  if (ours && version > migrations.length)
    throw new FaultError({
      code: 'invalid-config',
      message: `the state was made by a newer Hawser (version ${version}, this one knows ${migrations.length})`,
      hint: 'Update Hawser, or choose another directory with --state-dir.',
    })
  // Reading the schema also finds damage there; a newer version's need not be readable here.
  const empty = Number(connection.value('SELECT count(*) FROM sqlite_schema')) === 0
  if (!ours && !empty) throw new ForeignError('the database of another program')
  return empty ? 0 : version
}

function connect(file: string): Connection {
  const connection = new Connection(file, patience)
  try {
    // NORMAL: what is committed survives the death of the process; a power cut may lose the last of it.
    connection.exec('PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216')
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

function makeDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
}

/** SQLite makes its files readable by all; what it makes beside this one gets this one's mode. */
function touch(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}
