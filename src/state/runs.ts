// The history of runs: the last thousand.
import { randomBytes } from 'node:crypto'
import { hostname, uptime } from 'node:os'
import { HawserError } from '../core/errors.ts'
import { isErrno } from './fault.ts'
import { pageRows, paged } from './pages.ts'
import type { Row } from './protocol.ts'
import { afterPrefix } from './ranges.ts'
import type { StateThread } from './thread.ts'
import type { RunHistory, RunRecord, RunStart } from './types.ts'
import * as values from './values.ts'

const kept = 1_000

const selected =
  'SELECT id, command, source, target, options, started, ended, exit_code, summary, pid, host FROM runs'

const sql = {
  begin:
    'INSERT INTO runs (id, command, source, target, options, started, pid, host) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  prune: `DELETE FROM runs WHERE id <= (SELECT id FROM runs ORDER BY id DESC LIMIT 1 OFFSET ${kept})`,
  end: 'UPDATE runs SET ended = ?, exit_code = ?, summary = ? WHERE id = ?',
  /** Two, to see whether it is the only one. */
  get: `${selected} WHERE id >= ? AND id < ? ORDER BY id LIMIT 2`,
  latest: `${selected} ORDER BY id DESC LIMIT 1`,
  list: `${selected} WHERE id < ? ORDER BY id DESC LIMIT ${pageRows}`,
}

/** Those of this process that have not ended. */
const going = new Set<string>()

/** Ids begin with a year. */
const afterEveryId = 'A'

export class Runs implements RunHistory {
  readonly #thread: StateThread
  #last = 0

  constructor(thread: StateThread) {
    this.#thread = thread
  }

  async begin(run: RunStart): Promise<string> {
    const started = Date.now()
    // Two runs of one process never share a millisecond, so that their ids keep their order.
    this.#last = Math.max(this.#last + 1, started)
    const id = runId(new Date(this.#last))
    const { command, from, to, options } = run
    const between = [values.fromText(from), values.fromText(to)]
    const row = [id, command, ...between, json(options), started, process.pid, hostname()]
    going.add(id)
    await this.#thread.write([
      { sql: sql.begin, rows: [row] },
      { sql: sql.prune, rows: [[]] },
    ])
    return id
  }

  async end(id: string, summary: unknown, exitCode: number): Promise<void> {
    going.delete(id)
    await this.#thread.write([{ sql: sql.end, rows: [[Date.now(), exitCode, json(summary), id]] }])
  }

  async get(id: string): Promise<RunRecord | undefined> {
    const [row, another] = await this.#thread.read(sql.get, [id, afterPrefix(id)])
    if (another !== undefined)
      throw new HawserError('invalid-argument', `several runs have an id that begins with ${id}`, {
        op: 'runs',
        hint: 'Give more of the id.',
      })
    return row && toRecord(row)
  }

  async latest(): Promise<RunRecord | undefined> {
    const [row] = await this.#thread.read(sql.latest, [])
    return row && toRecord(row)
  }

  async *list(limit: number): AsyncGenerator<RunRecord, void, undefined> {
    if (limit <= 0) return
    let left = limit
    const rows = paged<Row>((last) =>
      this.#thread.read(sql.list, [last === undefined ? afterEveryId : values.toText(last[0])]),
    )
    for await (const row of rows) {
      yield toRecord(row)
      if (--left === 0) return
    }
  }
}

/** The time in UTC to the millisecond, and what keeps apart two machines or processes. */
function runId(time: Date): string {
  return `${time.toISOString().replaceAll(/[-:.Z]/g, '')}-${randomBytes(3).toString('hex')}`
}

function toRecord(row: Row): RunRecord {
  const [id, command, from, to, options, started, ended, exitCode, summary, pid, host] = row
  return {
    id: values.toText(id),
    command: values.toText(command),
    from: values.toOptionalText(from),
    to: values.toOptionalText(to),
    options: parsed(values.toOptionalText(options)),
    started: values.toDate(started),
    ended: ended === null ? undefined : values.toDate(ended),
    exitCode: exitCode === null ? undefined : values.toNumber(exitCode),
    summary: parsed(values.toOptionalText(summary)),
    state: ended === null ? stateOf(values.toText(id), values.toDate(started), pid, host) : 'ended',
  }
}

/** Of a run whose end nobody noted. Another process may have its number by now, but none from before the machine began. */
function stateOf(
  id: string,
  started: Date,
  pid: Row[number],
  host: Row[number],
): RunRecord['state'] {
  if (going.has(id)) return 'running'
  if (pid === null || host !== hostname()) return 'unknown'
  const number = values.toNumber(pid)
  const isOlder = started.getTime() < Date.now() - uptime() * 1000
  return !isOlder && number !== process.pid && isAlive(number) ? 'running' : 'killed'
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return isErrno(error, 'EPERM')
  }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
