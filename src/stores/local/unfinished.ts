// The uploads that are not finished, and what else the end of a process left in the middle of a write.
import { join } from 'node:path'
import { toKey, type Key } from '../../core/key.ts'
import type { CallOptions, UnfinishedUpload } from '../../core/store.ts'
import { lookAt, type Disk } from './disk.ts'
import { readPartsFile } from './parts-file.ts'
import { isTemporaryName, partName, partsName, temporaryId } from './temporary.ts'
import { lastName } from './upload-files.ts'
import { walk } from './walk.ts'

export async function* unfinishedUploads(
  disk: Disk,
  prefix: Key,
  options: CallOptions,
): AsyncGenerator<UnfinishedUpload, void, undefined> {
  const details = disk.details('uploads', prefix)
  const directory = toKey(prefix.slice(0, prefix.lastIndexOf('/') + 1))
  const found = walk(disk.root, directory, { ...options, wanted: maybeUnfinished }, details)
  for await (const entry of found) {
    const id = temporaryId(lastName(entry.key))
    if (id === undefined) continue
    const parent = join(disk.root, ...entry.key.split('/').slice(0, -1))
    const file = lookAt(join(parent, partName(id)), details)
    // Each once: by its file, or, where a crash left only what was known of it, by that.
    if (file && entry.key.endsWith(partsName(id))) continue
    const name = await nameOf(join(parent, partsName(id)))
    const key = name === undefined ? entry.key : beside(entry.key, name)
    const abandoned = name === undefined ? file?.mtime : undefined
    if (key.startsWith(prefix)) yield { key, id, started: file?.birthtime, abandoned }
  }
}

/** Directories may hold unfinished files, too. */
function maybeUnfinished(name: string): boolean {
  return name.endsWith('/') || isTemporaryName(name)
}

/** The last name of the key that the upload was begun for. */
async function nameOf(partsPath: string): Promise<string | undefined> {
  try {
    const known = await readPartsFile(partsPath)
    return known && lastName(known.key)
  } catch {
    return undefined
  }
}

function beside(key: Key, name: string): Key {
  return toKey(key.slice(0, key.lastIndexOf('/') + 1) + name)
}
