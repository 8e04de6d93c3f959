// The index of pairs: which objects of two trees were made equal, and as what.
import type { Key } from '../core/key.ts'
import { Batcher } from './batcher.ts'
import { pageRows } from './pages.ts'
import type { Row, SqlValue } from './protocol.ts'
import { scanned, type Bound } from './ranges.ts'
import type { StateThread } from './thread.ts'
import type {
  Conflict,
  KeptAttributes,
  Known,
  PairIndex,
  PairRow,
  ScanOptions,
  SourceRow,
} from './types.ts'
import type { TreePair } from './types.ts'
import * as values from './values.ts'

const known = ['size', 'modified', 'etag', 'version', 'device', 'inode', 'ctime']
const columns = [
  'key',
  'crc64nvme',
  ...known.map((name) => `source_${name}`),
  ...known.map((name) => `target_${name}`),
  'previous_etag',
  'previous_version',
  'attributes',
]
const selected = [values.wholeText('key'), ...columns.slice(1)].join(', ')

const seen = [
  values.wholeText('key'),
  'source_size',
  'source_modified',
  'source_inode',
  'source_ctime',
  'attributes',
].join(', ')

/** Smaller objects are not found by their content: there are too many of them, and too many that are alike. */
export const leastContent: number = 2 ** 20
/** Names of one inode that are told. */
const mostLinks = 100
/** Objects of one content that are told. */
const mostAlike = 10

const ofTree = 'tree = (SELECT id FROM trees WHERE source = ? AND target = ?)'
/** The term of the partial index, without which it does not serve. */
const ofSize = `${ofTree} AND source_size = ? AND source_size >= ${leastContent}`

const sql = {
  findTree: 'SELECT id FROM trees WHERE source = ? AND target = ?',
  trees: 'SELECT source, target FROM trees',
  addTree: 'INSERT OR IGNORE INTO trees (source, target) VALUES (?, ?)',
  put: `INSERT OR REPLACE INTO pairs (tree, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})`,
  remove: 'DELETE FROM pairs WHERE tree = ? AND key = ?',
  get: `SELECT ${selected} FROM pairs WHERE ${ofTree} AND key = ?`,
  any: `SELECT 1 FROM pairs WHERE ${ofTree} LIMIT 1`,
  ofInode: `SELECT ${selected} FROM pairs WHERE ${ofTree} AND source_inode = ? LIMIT ${mostLinks}`,
  ofSize: `SELECT 1 FROM pairs WHERE ${ofSize} LIMIT 1`,
  ofContent: `SELECT ${selected} FROM pairs WHERE ${ofSize} AND crc64nvme = ? LIMIT ${mostAlike}`,
  scan: (bound: Bound) => `SELECT ${selected} FROM pairs WHERE ${ofTree} AND ${page(bound)}`,
  scanSources: (bound: Bound) => `SELECT ${seen} FROM pairs WHERE ${ofTree} AND ${page(bound)}`,
  targetsOf: 'SELECT target FROM trees WHERE source = ? ORDER BY id',
  putConflict: 'INSERT OR REPLACE INTO conflicts (tree, key, noted, message) VALUES (?, ?, ?, ?)',
  settleConflicts: 'DELETE FROM conflicts WHERE tree = ?',
  conflicts: (bound: Bound) =>
    `SELECT ${values.wholeText('key')}, noted, message FROM conflicts WHERE ${ofTree} AND ${page(bound)}`,
}

function page(bound: Bound): string {
  return `key ${bound} ? AND key < ? ORDER BY key LIMIT ${pageRows}`
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

  scan(pair: TreePair, options?: ScanOptions): AsyncGenerator<PairRow, void, undefined> {
    return this.#scanned(sql.scan, toRow, pair, options)
  }

  scanSources(pair: TreePair, options?: ScanOptions): AsyncGenerator<SourceRow, void, undefined> {
    return this.#scanned(sql.scanSources, toSourceRow, pair, options)
  }

  async targetsOf(source: string): Promise<readonly string[]> {
    await this.flush()
    const rows = await this.#thread.read(sql.targetsOf, [source])
    return rows.map(([target]) => values.toText(target))
  }

  async get(pair: TreePair, key: Key): Promise<PairRow | undefined> {
    await this.flush()
    const [row] = await this.#read(sql.get, pair, key)
    return row && toRow(row)
  }

  async isEmpty(pair: TreePair): Promise<boolean> {
    return (await this.#read(sql.any, pair)).length === 0
  }

  async all(): Promise<readonly TreePair[]> {
    const rows = await this.#thread.read(sql.trees, [])
    return rows.map(([source, target]) => ({
      source: values.toText(source),
      target: values.toText(target),
    }))
  }

  async ofInode(pair: TreePair, inode: bigint): Promise<readonly PairRow[]> {
    return (await this.#read(sql.ofInode, pair, values.fromUnsigned(inode))).map(toRow)
  }

  async ofSize(pair: TreePair, size: number): Promise<boolean> {
    return size >= leastContent && (await this.#read(sql.ofSize, pair, size)).length > 0
  }

  async ofContent(pair: TreePair, size: number, crc64nvme: bigint): Promise<readonly PairRow[]> {
    if (size < leastContent) return []
    const crc = values.fromUnsigned(crc64nvme)
    return (await this.#read(sql.ofContent, pair, size, crc)).map(toRow)
  }

  async put(pair: TreePair, row: PairRow): Promise<void> {
    await this.#batcher.add(sql.put, fromRow(await this.#tree(pair), row))
  }

  async remove(pair: TreePair, key: Key): Promise<void> {
    await this.#batcher.add(sql.remove, [await this.#tree(pair), key])
  }

  async putConflict(pair: TreePair, { key, noted, message }: Conflict): Promise<void> {
    const row = [await this.#tree(pair), key, noted.getTime(), message]
    await this.#batcher.add(sql.putConflict, row)
  }

  async settleConflicts(pair: TreePair): Promise<void> {
    await this.#batcher.add(sql.settleConflicts, [await this.#tree(pair)])
  }

  conflicts(pair: TreePair, options?: ScanOptions): AsyncGenerator<Conflict, void, undefined> {
    return this.#scanned(sql.conflicts, toConflict, pair, options)
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

  async *#scanned<T extends { readonly key: Key }>(
    statement: (bound: Bound) => string,
    read: (row: Row) => T,
    pair: TreePair,
    options: ScanOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    await this.flush()
    const rows = scanned(options, async (bound, start, end) =>
      (await this.#read(statement(bound), pair, start, end)).map(read),
    )
    for await (const row of rows) yield row
  }

  #read(statement: string, pair: TreePair, ...rest: SqlValue[]): Promise<readonly Row[]> {
    return this.#thread.read(statement, [pair.source, pair.target, ...rest])
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
    const [row] = await this.#read(sql.findTree, pair)
    return values.toInteger(row?.[0])
  }
}

function fromRow(tree: SqlValue, row: PairRow): SqlValue[] {
  const { key, source, target, crc64nvme, previous, attributes } = row
  return [
    tree,
    key,
    values.fromUnsigned(crc64nvme),
    ...fromKnown(source),
    ...fromKnown(target),
    values.fromText(previous?.etag),
    values.fromText(previous?.version),
    values.fromText(attributes),
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
    attributes: toAttributes(row[previousColumn + 2]),
  }
}

function toAttributes(value: SqlValue | undefined): KeptAttributes | undefined {
  return value === 'all' || value === 'xattrs' ? value : undefined
}

function toSourceRow([key, size, modified, inode, ctime, attributes]: Row): SourceRow {
  return {
    key: values.toKeyColumn(key),
    source: {
      size: values.toNumber(size),
      modified: values.toTime(modified) ?? 0n,
      inode: values.toUnsigned(inode),
      ctime: values.toTime(ctime),
    },
    attributes: toAttributes(attributes),
  }
}

function toConflict([key, noted, message]: Row): Conflict {
  return {
    key: values.toKeyColumn(key),
    noted: values.toDate(noted),
    message: values.toText(message),
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
