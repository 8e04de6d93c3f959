// Writing: into a temporary file beside the target, verified, then published over it. See publish.ts for what holds.
import type { BigIntStats } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isLink } from '../../core/attributes.ts'
import { bodySize, readBody } from '../../core/body.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { checkSignal } from '../../core/signal.ts'
import type { Body, ObjectInfo, WriteOptions } from '../../core/store.ts'
import { Crc64Nvme } from '../../kernels/crc64nvme.ts'
import { writeDirectory } from './directories.ts'
import type { Disk, Target } from './disk.ts'
import { localError } from './errors.ts'
import { writeLink } from './links.ts'
import type { OpenFile } from './open-file.ts'
import { allowParents } from './paths.ts'
import { refuseProperties } from './properties.ts'
import { checkTarget, createFile, publish } from './publish.ts'
import { infoOf } from './stats.ts'
import { newTemporaryId, partName } from './temporary.ts'

export async function writeFile(
  disk: Disk,
  key: Key,
  body: Body,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  const target = disk.target('write', key, options.signal)
  try {
    refuseProperties(options.properties, target.details)
    allowParents(target)
    const old = checkTarget(target, options.condition)
    if (target.place.directory) return await writeDirectory(target, body, options)
    if (isLink(options.attributes ?? {})) return await writeLink(target, body, options)
    return await writeBytes(target, body, options, old)
  } catch (error) {
    throw localError(error, target.details)
  }
}

async function writeBytes(
  target: Target,
  body: Body,
  options: WriteOptions,
  old: BigIntStats | undefined,
): Promise<ObjectInfo> {
  const { key, place, details } = target
  const path = join(place.parent, partName(newTemporaryId()))
  using file = await createFile(target, path, options.attributes, old)
  try {
    const crc = await fill(file, 0, body, options, options.crc64nvme !== undefined, details)
    return infoOf(key, await publish(target, path, file, options), crc)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/**
 * Writes the body at the offset.
 * @returns its CRC64NVME where `withCrc`
 * @throws HawserError integrity where the body is not as long as it said, or has not the CRC of the options
 */
export async function fill(
  file: Pick<OpenFile, 'write'>,
  offset: number,
  body: Body,
  options: Pick<WriteOptions, 'signal' | 'crc64nvme'>,
  withCrc: boolean,
  details: ErrorDetails,
): Promise<bigint | undefined> {
  const size = bodySize(body)
  const crc = withCrc ? new Crc64Nvme() : undefined
  let length = 0
  try {
    for await (const chunk of readBody(body)) {
      checkSignal(options.signal, details)
      length += chunk.length
      if (length > size) break
      crc?.update(chunk)
      await file.write(chunk, offset + length - chunk.length)
    }
  } finally {
    checkSignal(options.signal, details)
  }
  if (length !== size) {
    const message = `the source gave ${length > size ? 'more' : length} bytes instead of ${size}`
    throw new HawserError('integrity', message, details)
  }
  const value = crc?.digest()
  if (options.crc64nvme !== undefined && value !== options.crc64nvme)
    throw new HawserError('integrity', 'the bytes do not have the expected CRC64NVME', details)
  return value
}
