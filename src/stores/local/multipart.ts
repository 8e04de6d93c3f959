// Uploads in parts: a sparse temporary file beside the target, whose parts are written at their offsets in any order.
//
// An upload survives the end of its process, and of the power: `parts` reads every recorded part again and tells only
// of those whose bytes are what was recorded. Whoever resumes must go by what `parts` tells.
import { constants } from 'node:fs'
import { rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError, isHawserError, type ErrorDetails } from '../../core/errors.ts'
import { bodySize } from '../../core/body.ts'
import { toKey, type Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type {
  Body,
  CompleteOptions,
  Multipart,
  PartOptions,
  PartReceipt,
  PartSlot,
  Source,
  Upload,
} from '../../core/store.ts'
import { combineCrc64Nvme } from '../../kernels/crc64nvme.ts'
import { lookAt, noFollow, type Disk, type Target } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import {
  appendPart,
  createPartsFile,
  readPartsFile,
  recordedBytes,
  type PartRecord,
  type PartsFile,
} from './parts-file.ts'
import { OpenFile } from './open-file.ts'
import { allowParents, lookAtParents } from './paths.ts'
import { refuseProperties } from './properties.ts'
import { checkTarget, createFile, publish } from './publish.ts'
import { readFile } from './read.ts'
import { removeEmpty } from './remove.ts'
import { infoOf } from './stats.ts'
import {
  isTemporaryId,
  isTemporaryName,
  newTemporaryId,
  partName,
  partsName,
  temporaryId,
} from './temporary.ts'
import { walk } from './walk.ts'
import { fill } from './write.ts'

interface OpenUpload {
  readonly target: Target
  /** The file that grows. */
  readonly path: string
  readonly partsPath: string
}

/** Recorded before a part is written again: what is there until it is whole is nothing. */
const nothing = { size: 0, crc64nvme: 1n }

/**
 * With `prune`, directories that an abort empties go too, as with a removal.
 * @param diskAt gives the disk of another root
 */
export function localMultipart(
  disk: Disk,
  diskAt: (root: string) => Disk,
  prune: boolean,
): Multipart {
  function find(
    upload: Upload,
    details: ErrorDetails,
    signal: AbortSignal | undefined,
  ): OpenUpload {
    checkSignal(signal, details)
    if (!isTemporaryId(upload.id)) throw gone(details)
    // A leftover whose target nobody knows goes by its own name, which is no key.
    const isLeftover = [partName(upload.id), partsName(upload.id)].some((name) =>
      upload.key.endsWith(name),
    )
    const key = isLeftover ? toKey(upload.key.replace(/[^/]*$/, 'x')) : upload.key
    const target = disk.target(details.op, key, signal)
    const { place } = target
    if (lookAtParents(place, details) !== 'directories') throw gone(details)
    return {
      target,
      path: join(place.parent, partName(upload.id)),
      partsPath: join(place.parent, partsName(upload.id)),
    }
  }

  /** Opens the upload's file and what is known of it, for the time of the task. */
  async function use<T>(
    op: string,
    upload: Upload,
    signal: AbortSignal | undefined,
    task: (file: OpenFile, known: PartsFile, at: OpenUpload, details: ErrorDetails) => Promise<T>,
  ): Promise<T> {
    const details = disk.details(op, upload.key)
    const at = find(upload, details, signal)
    const { known, file } = await openUpload(at, upload, details)
    try {
      return await task(file, known, at, details)
    } catch (error) {
      throw localError(error, details)
    } finally {
      file[Symbol.dispose]()
    }
  }

  async function part(
    upload: Upload,
    slot: PartSlot,
    body: Body,
    options: PartOptions = {},
  ): Promise<PartReceipt> {
    return use('part', upload, options.signal, async (file, known, at, details) => {
      if (known.records.has(slot.number)) await appendPart(at.partsPath, { ...slot, ...nothing })
      const crc = await fill(file, slot.offset, body, options, true, details)
      const durable = options.durable === true && disk.durable
      if (durable) await file.datasync()
      const record = { ...slot, size: bodySize(body), crc64nvme: crc ?? 0n }
      await appendPart(at.partsPath, record, durable)
      return receiptOf(record)
    })
  }

  return {
    limits: {
      minPart: 1,
      maxPart: Number.MAX_SAFE_INTEGER,
      maxParts: 1_000_000,
      maxObject: Number.MAX_SAFE_INTEGER,
      maxWrite: Number.MAX_SAFE_INTEGER,
    },
    part,

    async copyPart(upload, slot, from, { start, end }, options = {}) {
      const source = diskAt(from.location.root)
      const body: Source = {
        size: end - start,
        async *open(range) {
          const { signal } = options
          const wanted = { start: start + range.start, end: start + range.end }
          let room: Uint8Array | undefined
          // Each chunk is written before the next one is read; the first is the longest.
          const buffer = (length: number): Uint8Array =>
            (room ??= Buffer.allocUnsafeSlow(length)).subarray(0, length)
          const given = { range: wanted, ifMatch: from.etag, buffer, signal }
          yield* await readFile(source, from.key, given)
        },
      }
      return part(upload, slot, body, options)
    },

    async begin(key, options = {}) {
      const target = disk.target('begin', key, options.signal)
      const { place, details } = target
      if (place.directory)
        throw new HawserError('invalid-argument', 'a directory has no parts', details)
      refuseProperties(options.properties, details)
      const id = newTemporaryId()
      const path = join(place.parent, partName(id))
      const partsPath = join(place.parent, partsName(id))
      try {
        allowParents(target)
        const old = checkTarget(target, options.condition)
        const file = await createFile(target, path, options.attributes, old)
        file[Symbol.dispose]()
        await createPartsFile(partsPath, key, options.attributes ?? {}, disk.durable)
        await disk.syncDirectory(place.parent)
        return { key, id }
      } catch (error) {
        await removeBoth(path, partsPath)
        throw localError(error, details)
      }
    },

    async *readPart(upload, slot, size, options = {}) {
      const details = disk.details('readPart', upload.key)
      const at = find(upload, details, options.signal)
      const { known, file } = await openUpload(at, upload, details)
      try {
        const record = known.records.get(slot.number)
        if (record?.offset !== slot.offset || record.size !== size)
          throw new HawserError('not-found', `there is no such part ${slot.number}`, details)
        const bytes = recordedBytes(file, record)
        let next = await bytes.next()
        for (; !next.done; next = await bytes.next()) {
          checkSignal(options.signal, details)
          yield next.value
        }
        if (!next.value)
          throw new HawserError('integrity', `part ${slot.number} is not what came`, details)
      } catch (error) {
        throw localError(error, details)
      } finally {
        file[Symbol.dispose]()
      }
    },

    async *parts(upload, options = {}) {
      const proven = await use(
        'parts',
        upload,
        options.signal,
        async (file, known, _at, details) => {
          const found: PartReceipt[] = []
          for (const record of known.records.values()) {
            checkSignal(options.signal, details)
            if (await isProven(file, record)) found.push(receiptOf(record))
          }
          return found
        },
      )
      yield* proven.toSorted((a, b) => a.number - b.number)
    },

    async complete(upload, receipts, options: Partial<CompleteOptions> = {}) {
      return use('complete', upload, options.signal, async (file, known, at, details) => {
        const whole = checkParts(receipts, known, options, details)
        await file.truncate(whole.size)
        const attributes = options.attributes ?? known.attributes
        const stats = await publish(at.target, at.path, file, { ...options, attributes })
        await rm(at.partsPath, { force: true })
        return infoOf(upload.key, stats, whole.crc64nvme)
      })
    },

    async abort(upload, options = {}) {
      const details = disk.details('abort', upload.key)
      try {
        const { target, path, partsPath } = find(upload, details, options.signal)
        const removed = await removeBoth(path, partsPath)
        if (removed && prune) await removeEmpty(target.place)
      } catch (error) {
        if (isHawserError(error) && error.code === 'not-found') return
        throw localError(error, details)
      }
    },

    async *uploads(prefix, options = {}) {
      const details = disk.details('uploads', prefix)
      const directory = toKey(prefix.slice(0, prefix.lastIndexOf('/') + 1))
      const found = walk(disk.root, directory, { ...options, wanted: maybeUnfinished }, details)
      for await (const entry of found) {
        const id = temporaryId(entry.key.slice(entry.key.lastIndexOf('/') + 1))
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
    },
  }
}

async function openUpload(
  at: OpenUpload,
  upload: Upload,
  details: ErrorDetails,
): Promise<{ readonly known: PartsFile; readonly file: OpenFile }> {
  try {
    const known = await readPartsFile(at.partsPath)
    if (!known || lastName(known.key) !== lastName(upload.key)) throw gone(details)
    return { known, file: await OpenFile.open(at.path, constants.O_RDWR | noFollow) }
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? gone(details) : localError(error, details)
  }
}

function gone(details: ErrorDetails): HawserError {
  return new HawserError('not-found', 'there is no such unfinished upload', details)
}

function receiptOf({ number, size, crc64nvme }: PartRecord): PartReceipt {
  return { number, size, etag: undefined, crc64nvme }
}

/** Whether one of them was there. */
async function removeBoth(path: string, partsPath: string): Promise<boolean> {
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

async function isProven(file: OpenFile, record: PartRecord): Promise<boolean> {
  const bytes = recordedBytes(file, record)
  let next = await bytes.next()
  while (!next.done) next = await bytes.next()
  return next.value
}

/** The size and the CRC of the whole, if the parts are as their receipts say and lie end to end. */
function checkParts(
  receipts: readonly PartReceipt[],
  known: PartsFile,
  expected: Partial<CompleteOptions>,
  details: ErrorDetails,
): { readonly size: number; readonly crc64nvme: bigint } {
  const refuse = (message: string): HawserError => new HawserError('integrity', message, details)
  let size = 0
  let crc = 0n
  for (const receipt of receipts.toSorted((a, b) => a.number - b.number)) {
    const record = known.records.get(receipt.number)
    const same =
      record?.size === receipt.size &&
      (receipt.crc64nvme === undefined || receipt.crc64nvme === record.crc64nvme)
    if (!record || !same) throw refuse(`part ${receipt.number} is not what its receipt says`)
    if (record.offset !== size)
      throw refuse(`part ${receipt.number} does not begin at byte ${size}`)
    crc = combineCrc64Nvme(crc, record.crc64nvme, record.size)
    size += record.size
  }
  if (expected.size !== undefined && expected.size !== size)
    throw refuse(`the parts have ${size} bytes instead of ${expected.size}`)
  if (expected.crc64nvme !== undefined && expected.crc64nvme !== crc)
    throw refuse('the file does not have the expected CRC64NVME')
  return { size, crc64nvme: crc }
}

/** Directories may hold unfinished files, too. */
function maybeUnfinished(name: string): boolean {
  return name.endsWith('/') || isTemporaryName(name)
}

/** The last name of the key that the upload was begun for: what comes before it depends on the root of that store. */
async function nameOf(partsPath: string): Promise<string | undefined> {
  try {
    const known = await readPartsFile(partsPath)
    return known && lastName(known.key)
  } catch {
    return undefined
  }
}

function lastName(key: Key): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function beside(key: Key, name: string): Key {
  return toKey(key.slice(0, key.lastIndexOf('/') + 1) + name)
}
