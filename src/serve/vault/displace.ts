// A version makes room for another at its own name: its bytes go to the hidden place.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Store } from '../../core/store.ts'
import { S3Error } from '../errors.ts'
import type { VaultContext } from './context.ts'
import type { Change, VersionRow } from './ledger/types.ts'
import { newHiddenKey } from './places.ts'
import { removals } from './removals.ts'
import { isObject, type Resolved, type StoredObject } from './resolve.ts'

/** The version at the object's own name, if it is another than the one that comes. */
export function displaced(
  { versions }: Resolved,
  replacedVersion: string | undefined,
): StoredObject | undefined {
  const stored = versions.filter(isObject).find(({ plain }) => plain)
  return stored && stored.version.version !== replacedVersion ? stored : undefined
}

/**
 * Moves a version from its own name to the hidden place: its row first, together with others.
 * @param sequence of one that was put there by hand, and gets its first row
 * @throws S3Error OperationAborted where it was replaced or removed by hand just now; then nothing has changed
 */
export async function displace(
  context: VaultContext,
  bucket: string,
  stays: StoredObject,
  sequence: number,
  others: readonly VersionRow[],
): Promise<void> {
  const { store, ledger } = context
  if (!store.rename) throw new Error('a version is kept where none can be moved')
  const place = newHiddenKey()
  const moved = hiddenRow(bucket, stays, place, sequence)
  const rows = [moved, ...others]
  await ledger.write(...rows.map((row) => ({ do: 'put-version', row }) as const))
  try {
    await store.rename({ key: stays.place, etag: stays.etag }, place)
  } catch (error) {
    if (await isAbsent(store, place)) {
      const before: Change[] = stays.row ? [{ do: 'put-version', row: stays.row }] : []
      await ledger.write(...removals(rows), ...before).catch(() => {})
    }
    const isChanged =
      isHawserError(error) && (error.code === 'precondition-failed' || error.code === 'not-found')
    throw isChanged ? new S3Error('OperationAborted', { cause: error }) : error
  }
}

function hiddenRow(
  bucket: string,
  { version, row, match }: StoredObject,
  place: Key,
  sequence: number,
): VersionRow {
  return {
    bucket,
    key: version.key,
    version: version.version,
    sequence: row?.sequence ?? sequence,
    marker: false,
    place,
    match,
    size: version.size,
    modified: version.modified,
    record: version.record,
  }
}

async function isAbsent(store: Store, place: Key): Promise<boolean> {
  try {
    await store.stat(place)
    return false
  } catch (error) {
    return isHawserError(error) && error.code === 'not-found'
  }
}
