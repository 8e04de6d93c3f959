// The beginning of an upload: the Store's upload that takes the parts, and the ledger's row.
import { randomBytes } from 'node:crypto'
import type { Upload } from '../../../core/store.ts'
import type { UploadRow } from '../ledger/types.ts'
import { assembledKey, isDirectoryName, isRefusedName, newHiddenKey, plainKey } from '../places.ts'
import type { Bucket, CallOptions, NewUpload, UploadInfo } from '../types.ts'
import { forgetOld, infoOf, placesParts, type Desk } from './desk.ts'

export async function begin(
  desk: Desk,
  bucket: Bucket,
  key: string,
  { facts, checksum }: NewUpload,
  options: CallOptions,
): Promise<UploadInfo> {
  const { ledger, clock, store } = desk.context
  await forgetOld(desk)
  const id = randomBytes(16).toString('hex')
  const place = placesParts(store) ? assembledKey(id) : undefined
  if (place !== undefined) await ledger.write({ do: 'put-leftover', place })
  const time = clock.next()
  const backing = await beginBacking(desk, id, bucket, key, facts, time, options)
  const row: UploadRow = {
    id,
    bucket: bucket.name,
    key,
    started: Math.floor(time / 1000),
    facts,
    checksum,
    backing,
    stride: undefined,
    completed: undefined,
  }
  try {
    await ledger.write(
      { do: 'put-upload', row },
      ...(place === undefined ? [] : [{ do: 'remove-leftover', place } as const]),
    )
  } catch (error) {
    await desk.multipart.abort(backing)
    throw error
  }
  return infoOf(row)
}

async function beginBacking(
  { context: { store }, multipart }: Desk,
  id: string,
  bucket: Bucket,
  key: string,
  { contentType, metadata }: NewUpload['facts'],
  time: number,
  { signal }: CallOptions,
): Promise<Upload> {
  if (placesParts(store)) return multipart.begin(assembledKey(id), { signal })
  const attributes = { mtime: BigInt(time) * 1000n }
  const options = { contentType, metadata, attributes, signal }
  if (!isDirectoryName(store, key)) {
    try {
      return await multipart.begin(plainKey(bucket.name, key), options)
    } catch (error) {
      if (!isRefusedName(error)) throw error
    }
  }
  return multipart.begin(newHiddenKey(), options)
}
