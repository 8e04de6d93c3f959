// Rows that go.
import type { Change, VersionRow } from './ledger/types.ts'

/** The hidden places of rows, which are leftovers when the rows have gone. */
export function placesOf(rows: readonly VersionRow[]): readonly string[] {
  return rows.flatMap(({ place }) => place ?? [])
}

export function removals(rows: readonly VersionRow[]): Change[] {
  return rows.map(({ bucket, key, version, sequence }) => ({
    do: 'remove-version',
    bucket,
    key,
    version,
    sequence,
  }))
}
