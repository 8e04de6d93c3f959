// The two files of an unfinished upload: the bytes, and what is known of their parts.
import { constants } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { toKey, type Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Upload } from '../../core/store.ts'
import { noFollow, type Disk, type Target } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { OpenFile } from './open-file.ts'
import { readPartsFile, type PartsFile } from './parts-file.ts'
import { lookAtParents } from './paths.ts'
import { isTemporaryId, partName, partsName } from './temporary.ts'

export interface UploadFiles {
  readonly target: Target
  /** The file that grows. */
  readonly path: string
  readonly partsPath: string
}

/** An upload's file and what is known of it, for the time of a call. */
export interface OpenUpload extends UploadFiles, Disposable {
  readonly known: PartsFile
  readonly file: OpenFile
}

export function filesBeside(target: Target, id: string): UploadFiles {
  const { parent } = target.place
  return { target, path: join(parent, partName(id)), partsPath: join(parent, partsName(id)) }
}

/** @throws HawserError not-found where there can be no such upload */
export function findUpload(
  disk: Disk,
  upload: Upload,
  details: ErrorDetails,
  signal: AbortSignal | undefined,
): UploadFiles {
  checkSignal(signal, details)
  if (!isTemporaryId(upload.id)) throw gone(details)
  // A leftover whose target nobody knows goes by its own name, which is no key.
  const isLeftover = [partName(upload.id), partsName(upload.id)].some((name) =>
    upload.key.endsWith(name),
  )
  const key = isLeftover ? toKey(upload.key.replace(/[^/]*$/, 'x')) : upload.key
  const target = disk.target(details.op, key, signal)
  if (lookAtParents(target.place, details) !== 'directories') throw gone(details)
  return filesBeside(target, upload.id)
}

/** @throws HawserError not-found where the upload is gone */
export async function openUpload(
  disk: Disk,
  upload: Upload,
  details: ErrorDetails,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  const files = findUpload(disk, upload, details, signal)
  try {
    const known = await readPartsFile(files.partsPath)
    if (!known || lastName(known.key) !== lastName(upload.key)) throw gone(details)
    const file = await OpenFile.open(files.path, constants.O_RDWR | noFollow)
    return { ...files, known, file, [Symbol.dispose]: () => file[Symbol.dispose]() }
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? gone(details) : localError(error, details)
  }
}

/** @returns whether one of them was there */
export async function removeUpload({ path, partsPath }: UploadFiles): Promise<boolean> {
  let removed = false
  for (const one of [path, partsPath]) {
    try {
      await unlink(one)
      removed = true
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  return removed
}

/** What comes before it depends on the root of the store that the upload was begun at. */
export function lastName(key: Key): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function gone(details: ErrorDetails): HawserError {
  return new HawserError('not-found', 'there is no such unfinished upload', details)
}
