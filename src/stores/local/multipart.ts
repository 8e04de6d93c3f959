// Uploads in parts: a sparse temporary file beside the target, or a clone of what it resembles, whose parts are written
// at their offsets in any order.
//
// An upload survives the end of its process, and of the power: `parts` reads every recorded part again and tells only
// of those whose bytes are what was recorded. Whoever resumes must go by what `parts` tells.
import { rm } from 'node:fs/promises'
import { HawserError, isHawserError, type ErrorDetails } from '../../core/errors.ts'
import { checkSignal } from '../../core/signal.ts'
import type { BeginOptions, CompleteOptions, Multipart, Upload } from '../../core/store.ts'
import { cloneInto } from './clone.ts'
import type { Disk, Target } from './disk.ts'
import { localError } from './errors.ts'
import { createPartsFile, recordedBytes } from './parts-file.ts'
import { checkParts, provenReceipts } from './parts-proof.ts'
import { allowParents } from './paths.ts'
import { refuseProperties } from './properties.ts'
import { checkTarget, createFile, publish } from './publish.ts'
import { removeEmpty } from './remove.ts'
import { infoOf } from './stats.ts'
import { newTemporaryId } from './temporary.ts'
import { unfinishedUploads } from './unfinished.ts'
import {
  filesBeside,
  findUpload,
  openUpload,
  removeUpload,
  type OpenUpload,
  type UploadFiles,
} from './upload-files.ts'
import { copyIntoPart, writePart } from './write-part.ts'

/**
 * With `prune`, directories that an abort empties go too, as with a removal.
 * @param diskAt gives the disk of another root
 */
export function localMultipart(
  disk: Disk,
  diskAt: (root: string) => Disk,
  prune: boolean,
): Multipart {
  /** Opens the upload for the time of the task. */
  async function use<T>(
    op: string,
    upload: Upload,
    signal: AbortSignal | undefined,
    task: (open: OpenUpload, details: ErrorDetails) => Promise<T>,
  ): Promise<T> {
    const details = disk.details(op, upload.key)
    using open = await openUpload(disk, upload, details, signal)
    try {
      return await task(open, details)
    } catch (error) {
      throw localError(error, details)
    }
  }

  return {
    limits: {
      minPart: 1,
      maxPart: Number.MAX_SAFE_INTEGER,
      maxParts: 1_000_000,
      maxObject: Number.MAX_SAFE_INTEGER,
      maxWrite: Number.MAX_SAFE_INTEGER,
    },

    async begin(key, options = {}) {
      const target = disk.target('begin', key, options.signal)
      if (target.place.directory)
        throw new HawserError('invalid-argument', 'a directory has no parts', target.details)
      refuseProperties(options.properties, target.details)
      const id = newTemporaryId()
      const files = filesBeside(target, id)
      try {
        await createUpload(files, options, basisOf(options, diskAt))
        return { key, id }
      } catch (error) {
        await removeUpload(files)
        throw localError(error, target.details)
      }
    },

    async part(upload, slot, body, options = {}) {
      return use('part', upload, options.signal, async (open, details) =>
        writePart(open, slot, body, options, details),
      )
    },

    async copyPart(upload, slot, from, range, options = {}) {
      return use('part', upload, options.signal, async (open, details) =>
        copyIntoPart(open, slot, diskAt(from.location.root), from, range, options, details),
      )
    },

    async *readPart(upload, slot, size, options = {}) {
      const details = disk.details('readPart', upload.key)
      using open = await openUpload(disk, upload, details, options.signal)
      try {
        const record = open.known.records.get(slot.number)
        if (record?.offset !== slot.offset || record.size !== size)
          throw new HawserError('not-found', `there is no such part ${slot.number}`, details)
        const bytes = recordedBytes(open.file, record)
        let next = await bytes.next()
        for (; !next.done; next = await bytes.next()) {
          checkSignal(options.signal, details)
          yield next.value
        }
        if (!next.value)
          throw new HawserError('integrity', `part ${slot.number} is not what came`, details)
      } catch (error) {
        throw localError(error, details)
      }
    },

    async *parts(upload, options = {}) {
      yield* await use('parts', upload, options.signal, async ({ file, known }, details) =>
        provenReceipts(file, known, options.signal, details),
      )
    },

    async complete(upload, receipts, options: Partial<CompleteOptions> = {}) {
      return use('complete', upload, options.signal, async (open, details) => {
        const { target, path, partsPath, known, file } = open
        const whole = checkParts(receipts, known, options, details)
        await file.truncate(whole.size)
        const attributes = options.attributes ?? known.attributes
        const stats = await publish(target, path, file, { ...options, attributes })
        await rm(partsPath, { force: true })
        return infoOf(upload.key, stats, whole.crc64nvme)
      })
    },

    async abort(upload, options = {}) {
      const details = disk.details('abort', upload.key)
      try {
        const files = findUpload(disk, upload, details, options.signal)
        const removed = await removeUpload(files)
        if (removed && prune) await removeEmpty(files.target)
      } catch (error) {
        if (isHawserError(error) && error.code === 'not-found') return
        throw localError(error, details)
      }
    },

    uploads: (prefix, options = {}) => unfinishedUploads(disk, prefix, options),
  }
}

interface Basis {
  readonly target: Target
  readonly etag: string | undefined
}

function basisOf(
  { basis, signal }: BeginOptions,
  diskAt: (root: string) => Disk,
): Basis | undefined {
  if (basis?.location.scheme !== 'file') return undefined
  const target = diskAt(basis.location.root).target('begin', basis.key, signal)
  return { target, etag: basis.etag }
}

async function createUpload(
  { target, path, partsPath }: UploadFiles,
  { attributes = {}, condition }: BeginOptions,
  basis: Basis | undefined,
): Promise<void> {
  const { disk, key, place } = target
  allowParents(target)
  const old = checkTarget(target, condition)
  using file = await createFile(target, path, attributes, old)
  const cloned = basis !== undefined && (await cloneInto(file, basis.target, basis.etag))
  await createPartsFile(partsPath, { key, attributes, cloned }, disk.durable)
  await disk.syncDirectory(place.parent)
}
