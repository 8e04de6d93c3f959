// Where a page ended in the Store's listing, kept open for the page that follows. To find the place again, a file system
// reads and sorts the whole directory: 100 pages of 1,000 files take 11 s instead of 1.5.
import { isHawserError } from '../../../core/errors.ts'
import { toKey } from '../../../core/key.ts'
import type { Store } from '../../../core/store.ts'
import type { VaultContext } from '../context.ts'
import { plainKey } from '../places.ts'
import type { Files } from './files.ts'

/** Milliseconds. */
const lifetime = 10_000
const most = 8
/** How late, in milliseconds, a file system's clock may be. */
const slack = 100

interface Kept {
  readonly files: Files
  readonly timer: NodeJS.Timeout
}

export class KeptFiles {
  readonly #kept = new Map<string, Kept>()

  /** @param place names the listing, and where it goes on */
  keep(place: string, files: Files): void {
    this.#drop(place)
    const timer = setTimeout(() => this.#drop(place), lifetime).unref()
    this.#kept.set(place, { files, timer })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > most && oldest !== undefined) this.#drop(oldest)
  }

  /** What was kept, for whoever asks first. */
  take(place: string): Files | undefined {
    const kept = this.#kept.get(place)
    if (!kept) return undefined
    this.#kept.delete(place)
    clearTimeout(kept.timer)
    return kept.files
  }

  #drop(place: string): void {
    void this.take(place)?.close()
  }
}

const ofContexts = new WeakMap<VaultContext, KeptFiles>()

export function keptFiles(context: VaultContext): KeptFiles {
  const known = ofContexts.get(context)
  if (known) return known
  const kept = new KeptFiles()
  ofContexts.set(context, kept)
  return kept
}

/**
 * Whether names came or went in the directories that are half read. (A file that is put meanwhile into a directory that
 * was empty, right at this place, is only seen by the next listing.)
 */
export async function isCurrent(
  store: Store,
  bucket: string,
  last: string,
  files: Files,
  signal: AbortSignal,
): Promise<boolean> {
  const names = [last, ...files.ahead.map(({ name }) => name)]
  const directories = new Set(names.flatMap((name) => directoriesOf(plainKey(bucket, name))))
  for (const directory of directories) {
    const changed = await changeOf(store, directory, signal)
    if (changed === undefined || changed > files.opened - slack) return false
  }
  return true
}

function directoriesOf(key: string): readonly string[] {
  const segments = key.split('/').slice(0, -1)
  return segments.map((_, index) => `${segments.slice(0, index + 1).join('/')}/`)
}

/** In milliseconds since 1970; undefined where there is no such directory. */
async function changeOf(
  store: Store,
  directory: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const { file, modified } = await store.stat(toKey(directory), { signal })
    return Number((file?.ctime ?? modified) / 1_000_000n)
  } catch (error) {
    if (isHawserError(error) && ['not-found', 'invalid-argument'].includes(error.code))
      return undefined
    throw error
  }
}
