// What earlier runs left unfinished at this destination and nobody will go on with.
import { isHawserError } from '../core/errors.ts'
import { locationId } from '../core/location.ts'
import { abandon } from '../transfer/resume.ts'
import type { Session } from './session.ts'

/**
 * Removes temporary files of a run that was killed. Those that are journalled stay: this run goes on with them. Only on
 * a file system, where they are Hawser's by their name: unfinished uploads in a bucket may be anybody's.
 */
export async function removeLeftBehind(session: Session): Promise<void> {
  const { to, transfer, holderDied } = session
  const { multipart, traits, location } = to.store
  if (!holderDied || !traits.hierarchical || !multipart) return
  const { signal, meter, journal } = transfer
  try {
    for await (const upload of multipart.uploads(to.prefix, { signal, meter })) {
      const entry = await journal?.find(locationId(location), upload.key)
      if (entry?.upload.id !== upload.id) await multipart.abort(upload, { signal, meter })
    }
  } catch (error) {
    // The destination is not there yet.
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
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
    const name = entry.key.slice(to.prefix.length)
    const ours =
      entry.key === to.prefix + name &&
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
