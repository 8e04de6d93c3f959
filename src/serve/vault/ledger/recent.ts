// The rows of keys that were asked for lately, kept as the ledger changes: what is asked for again costs a tenth of a
// read. Nobody else writes to the ledger, so that what is here is what is there.
import type { Change, VersionRow } from './types.ts'

/** Keys: some 10 MB. */
const most = 16_384
/** Rows of one key, and parts of one object, above which a key is not kept. */
const mostRows = 16
const mostParts = 100

export class RecentVersions {
  readonly #rows = new Map<string, readonly VersionRow[]>()

  /** Newest first, as the ledger gives them; undefined where they have to be read. */
  get(bucket: string, key: string): readonly VersionRow[] | undefined {
    const name = nameOf(bucket, key)
    const rows = this.#rows.get(name)
    if (rows) {
      // The least recently used is the first of a Map.
      this.#rows.delete(name)
      this.#rows.set(name, rows)
    }
    return rows
  }

  set(bucket: string, key: string, rows: readonly VersionRow[]): void {
    const name = nameOf(bucket, key)
    this.#rows.delete(name)
    if (!isSmall(rows)) return
    this.#rows.set(name, rows)
    if (this.#rows.size <= most) return
    const [oldest] = this.#rows.keys()
    if (oldest !== undefined) this.#rows.delete(oldest)
  }

  clear(): void {
    this.#rows.clear()
  }

  /** A change that is committed. Done twice, it ends the same: a read may have seen it before. */
  apply(change: Change): void {
    if (change.do === 'remove-bucket') this.clear()
    else if (change.do === 'put-version') {
      const { row } = change
      this.#change(row, (rows) =>
        [row, ...rows.filter(({ sequence }) => sequence !== row.sequence)].toSorted(
          (a, b) => b.sequence - a.sequence,
        ),
      )
    } else if (change.do === 'remove-version')
      this.#change(change, (rows) =>
        rows.filter(
          ({ version, sequence }) => version !== change.version || sequence !== change.sequence,
        ),
      )
  }

  #change(
    { bucket, key }: { readonly bucket: string; readonly key: string },
    changed: (rows: readonly VersionRow[]) => readonly VersionRow[],
  ): void {
    const rows = this.#rows.get(nameOf(bucket, key))
    if (rows) this.set(bucket, key, changed(rows))
  }
}

/** No bucket's name has a slash. */
function nameOf(bucket: string, key: string): string {
  return `${bucket}/${key}`
}

function isSmall(rows: readonly VersionRow[]): boolean {
  return (
    rows.length <= mostRows && rows.every(({ record }) => (record?.parts?.length ?? 0) <= mostParts)
  )
}
