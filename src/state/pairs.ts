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
  #latest: { readonly pair: TreePair; readonly tree: Promise<SqlValue> } | undefined

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
    const rows = paged<PairRow>(async (last) => {
      const page =
        last === undefined && !resumed
          ? await this.#thread.read(sql.from, [tree, start, end])
          : await this.#thread.read(sql.after, [tree, last?.key ?? after ?? start, end])
      return page.map(toRow)
    }, signal)
    // Half the time of `yield*`.
    for await (const row of rows) yield row
  }

  async get(pair: TreePair, key: Key): Promise<PairRow | undefined> {
    await this.flush()
    const tree = await this.#findTree(pair)
    if (tree === undefined) return undefined
    const [row] = await this.#thread.read(sql.get, [tree, key])
    return row && toRow(row)
  }

  async put(pair: TreePair, row: PairRow): Promise<void> {
    await this.#batcher.add(sql.put, fromRow(await this.#tree(pair), row))
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
    // A run has one pair, for millions of rows.
    if (this.#latest?.pair !== pair) this.#latest = { pair, tree: this.#numberOf(pair) }
    return this.#latest.tree
  }

  #numberOf(pair: TreePair): Promise<SqlValue> {
    const name = JSON.stringify([pair.source, pair.target])
    let tree = this.#trees.get(name)
    if (tree === undefined) {
      tree = this.#addTree(pair)
      this.#trees.set(name, tree)
      tree.catch(() => {
        this.#trees.delete(name)
        this.#latest = undefined
      })
    }
    return tree
  }

  async #addTree(pair: TreePair): Promise<SqlValue> {
    await this.#thread.write([{ sql: sql.addTree, rows: [[pair.source, pair.target]] }])
    return values.toInteger(await this.#findTree(pair))
  }
}

function fromRow(tree: SqlValue, row: PairRow): SqlValue[] {
  const { key, source, target, crc64nvme, previous } = row
  return [
    tree,
    key,
    values.fromUnsigned(crc64nvme),
    ...fromKnown(source),
    ...fromKnown(target),
    values.fromText(previous?.etag),
    values.fromText(previous?.version),
  ]
}

/** In the order of `known`. */
function fromKnown(side: Known): SqlValue[] {
  return [
    side.size,
    values.fromTime(side.modified),
    values.fromText(side.etag),
    values.fromText(side.version),
    values.fromUnsigned(side.device),
    values.fromUnsigned(side.inode),
    values.fromTime(side.ctime),
  ]
}

const sourceColumn = 2
const targetColumn = sourceColumn + known.length
const previousColumn = targetColumn + known.length

function toRow(row: Row): PairRow {
  const etag = values.toOptionalText(row[previousColumn])
  const version = values.toOptionalText(row[previousColumn + 1])
  return {
    key: values.toKeyColumn(row[0]),
    source: toKnown(row, sourceColumn),
    target: toKnown(row, targetColumn),
    crc64nvme: values.toUnsigned(row[1]),
    previous: etag === undefined && version === undefined ? undefined : { etag, version },
  }
}

/** @param first the column of the size; the others follow as in `known` */
function toKnown(row: Row, first: number): Known {
  return {
    size: values.toNumber(row[first]),
    modified: values.toTime(row[first + 1]) ?? 0n,
    etag: values.toOptionalText(row[first + 2]),
    version: values.toOptionalText(row[first + 3]),
    device: values.toUnsigned(row[first + 4]),
    inode: values.toUnsigned(row[first + 5]),
    ctime: values.toTime(row[first + 6]),
  }
}
