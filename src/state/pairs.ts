// The index of pairs: which objects of two trees were made equal, and as what.
import { compareKeys, type Key } from '../core/key.ts'
import { Batcher } from './batcher.ts'
import { pageRows, paged } from './pages.ts'
import type { Row, SqlValue } from './protocol.ts'
import { afterPrefix } from './ranges.ts'
import type { StateThread } from './thread.ts'
import type { Known, PairIndex, PairRow, ScanOptions, TreePair } from './types.ts'
import * as values from './values.ts'

const known = ['size', 'modified', 'etag', 'version', 'device', 'inode', 'ctime']
const columns = [
  'key',
  'crc64nvme',
  ...known.map((name) => `source_${name}`),
  ...known.map((name) => `target_${name}`),
  'previous_etag',
  'previous_version',
]
const selected = [values.wholeText('key'), ...columns.slice(1)].join(', ')

const sql = {
  findTree: 'SELECT id FROM trees WHERE source = ? AND target = ?',
  addTree: 'INSERT OR IGNORE INTO trees (source, target) VALUES (?, ?)',
  put: `INSERT OR REPLACE INTO pairs (tree, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})`,
  remove: 'DELETE FROM pairs WHERE tree = ? AND key = ?',
  get: `SELECT ${selected} FROM pairs WHERE tree = ? AND key = ?`,
  from: `SELECT ${selected} FROM pairs WHERE tree = ? AND key >= ? AND key < ? ORDER BY key LIMIT ${pageRows}`,
  after: `SELECT ${selected} FROM pairs WHERE tree = ? AND key > ? AND key < ? ORDER BY key LIMIT ${pageRows}`,
}

export class Pairs implements PairIndex {
  readonly #thread: StateThread
  readonly #batcher: Batcher
  readonly #trees = new Map<string, Promise<SqlValue>>()

  constructor(thread: StateThread) {
    this.#thread = thread
    this.#batcher = new Batcher((steps) => thread.write(steps))
  }

  async *scan(pair: TreePair, options: ScanOptions = {}): AsyncGenerator<PairRow, void, undefined> {
    const { after, prefix, signal } = options
    await this.flush()
    const tree = await this.#findTree(pair)
    if (tree === undefined) return
    const start = prefix ?? ''
    const end = afterPrefix(start)
    const resumed = after !== undefined && compareKeys(after, start) >= 0
    yield* paged<PairRow>(async (last) => {
      const rows =
        last === undefined && !resumed
          ? await this.#thread.read(sql.from, [tree, start, end])
          : await this.#thread.read(sql.after, [tree, last?.key ?? after ?? start, end])
      return rows.map(toRow)
    }, signal)
  }

  async get(pair: TreePair, key: Key): Promise<PairRow | undefined> {
    await this.flush()
    const tree = await this.#findTree(pair)
    if (tree === undefined) return undefined
    const [row] = await this.#thread.read(sql.get, [tree, key])
    return row && toRow(row)
  }

  async put(pair: TreePair, row: PairRow): Promise<void> {
    await this.#batcher.add(sql.put, [await this.#tree(pair), ...fromRow(row)])
  }

  async remove(pair: TreePair, key: Key): Promise<void> {
    await this.#batcher.add(sql.remove, [await this.#tree(pair), key])
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

  async #findTree(pair: TreePair): Promise<SqlValue | undefined> {
    const [row] = await this.#thread.read(sql.findTree, [pair.source, pair.target])
    return row?.[0]
  }

  /** The tree pair's number; given to it where it is new. */
  #tree(pair: TreePair): Promise<SqlValue> {
    const name = JSON.stringify([pair.source, pair.target])
    let tree = this.#trees.get(name)
    if (tree === undefined) {
      tree = this.#addTree(pair)
      this.#trees.set(name, tree)
      tree.catch(() => this.#trees.delete(name))
    }
    return tree
  }

  async #addTree(pair: TreePair): Promise<SqlValue> {
    await this.#thread.write([{ sql: sql.addTree, rows: [[pair.source, pair.target]] }])
    return values.toInteger(await this.#findTree(pair))
  }
}

function fromRow(row: PairRow): SqlValue[] {
  return [
    row.key,
    values.fromUnsigned(row.crc64nvme),
    ...fromKnown(row.source),
    ...fromKnown(row.target),
    values.fromText(row.previous?.etag),
    values.fromText(row.previous?.version),
  ]
}

function toRow(row: Row): PairRow {
  const [key, crc64nvme, ...rest] = row
  const [etag, version] = rest.slice(2 * known.length).map(values.toOptionalText)
  return {
    key: values.toKeyColumn(key),
    source: toKnown(rest),
    target: toKnown(rest.slice(known.length)),
    crc64nvme: values.toUnsigned(crc64nvme),
    previous: etag === undefined && version === undefined ? undefined : { etag, version },
  }
}

function fromKnown(object: Known): SqlValue[] {
  return [
    object.size,
    values.fromTime(object.modified),
    values.fromText(object.etag),
    values.fromText(object.version),
    values.fromUnsigned(object.device),
    values.fromUnsigned(object.inode),
    values.fromTime(object.ctime),
  ]
}

function toKnown(row: Row): Known {
  const [size, modified, etag, version, device, inode, ctime] = row
  return {
    size: values.toNumber(size),
    modified: values.toTime(modified) ?? 0n,
    etag: values.toOptionalText(etag),
    version: values.toOptionalText(version),
    device: values.toUnsigned(device),
    inode: values.toUnsigned(inode),
    ctime: values.toTime(ctime),
  }
}
