// What earlier runs left unfinished at this destination and nobody will go on with.
import { isAbort, isHawserError } from '../core/errors.ts'
import { joinKey, type Key } from '../core/key.ts'
import { locationId } from '../core/location.ts'
import { reservedPrefixes } from '../core/reserved-key.ts'
import type { CallOptions, KeyRef, Store } from '../core/store.ts'
import { abandon } from '../transfer/begin.ts'
import { asideKey, asidePrefix } from '../transfer/written.ts'
import type { Session } from './session.ts'

/**
 * Removes temporary files of a run that was killed. Those that are journalled stay: this run goes on with them. Only on
 * a file system, where they are Hawser's by their name: unfinished uploads in a bucket may be anybody's.
 */
export async function removeLeftBehind(session: Session): Promise<void> {
  const { to, transfer, holderDied } = session
  const { multipart, traits, location } = to.store
  if (!holderDied) return
  if (!traits.hierarchical) return removeAside(session)
  if (!multipart) return
  const { signal, meter, journal } = transfer
  try {
    for await (const upload of multipart.uploads(to.prefix, { signal, meter })) {
      const entry = await journal?.find(locationId(location), upload.key)
      if (entry?.upload?.id !== upload.id) await multipart.abort(upload, { signal, meter })
    }
  } catch (error) {
    // The destination is not there yet.
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
}

/** What that run had written and not yet moved, as `verify` does. Another one that is under way there sends it again. */
async function removeAside({ to, transfer, report }: Session): Promise<void> {
  const { store, prefix } = to
  const { reserved } = store.traits
  if (reserved === undefined || report.dryRun) return
  const { signal, meter } = transfer
  try {
    const left = leftAside(store, prefix, reserved, { signal, meter })
    for await (const { error } of store.remove(left, { signal, meter })) if (error) throw error
  } catch (error) {
    if (!isHawserError(error) || isAbort(error)) throw error
    if (error.code !== 'not-found')
      report.warn(
        `what an earlier run left below ${asidePrefix(reserved)} is still there: ${error.message}`,
      )
  }
}

/** Of names that are too long the place does not tell which they are of: those of the tree do. */
async function* leftAside(
  store: Store,
  prefix: Key,
  reserved: Key,
  call: CallOptions,
): AsyncGenerator<KeyRef> {
  const [plain, long] = reservedPrefixes(reserved, 'new')
  yield* store.list(joinKey(plain, prefix), call)
  const left = new Set<Key>()
  for await (const { key } of store.list(long, call)) if (left.add(key).size === mostLong) break
  if (left.size === 0) return
  for await (const { key } of store.list(prefix, call)) {
    const at = asideKey(key, reserved, store)
    if (left.has(at)) yield { key: at }
  }
}

/** A killed run leaves as many as it had on their way. */
const mostLong = 10_000

/** Of the object that an upload is of, also where it goes aside first. */
function keyOf(key: Key, reserved: Key | undefined): string {
  const aside = reserved === undefined ? undefined : asidePrefix(reserved)
  return aside !== undefined && key.startsWith(aside) ? key.slice(aside.length) : key
}

/**
 * Uploads that earlier runs on these two trees began and this one did not need: their sources are gone. Those of other
 * trees that reach into this destination may be under way.
 */
export async function abandonOutdated(session: Session): Promise<void> {
  const { options, from, to, started, transfer, report } = session
  const { location } = to.store
  for await (const entry of options.state.journal.all(locationId(location))) {
    const { source } = entry
    const key = keyOf(entry.key, to.store.traits.reserved)
    const name = key.slice(to.prefix.length)
    const ours =
      key === to.prefix + name &&
      source.key === from.prefix + name &&
      source.id === locationId(from.store.location)
    if (!ours || entry.started >= started) continue
    try {
      await abandon(entry, transfer)
    } catch (error) {
      if (!isHawserError(error)) throw error
      report.warn(`an unfinished upload could not be removed: ${error.message}`, {
        location,
        key: entry.key,
      })
    }
  }
}
