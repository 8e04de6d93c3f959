// The end of an upload: completed or aborted.
import type { Change, UploadRow } from '../ledger/types.ts'
import { free } from '../leftovers.ts'
import { look } from '../look.ts'
import { assembledKey } from '../places.ts'
import { isObject } from '../resolve.ts'
import type { Bucket, CallOptions, CompleteRequest, ObjectVersion } from '../types.ts'
import { checkWhole, chooseParts } from './choice.ts'
import {
  forgetOld,
  noSuchUpload,
  openRow,
  placesParts,
  receptionOf,
  timeOf,
  type Desk,
} from './desk.ts'
import { publishPassed, publishPlaced } from './publish.ts'
import { maxParts, uploadOf } from './receive.ts'
import { etagOf, fingerprintOf, recordOf } from './record.ts'

/** After a failure the upload is as it was; after a crash, too, or the next completion goes on. */
export async function complete(
  desk: Desk,
  bucket: Bucket,
  id: string,
  request: CompleteRequest,
): Promise<ObjectVersion> {
  return desk.turns.alone(id, '', async () => completeNow(desk, bucket, id, request))
}

async function completeNow(
  desk: Desk,
  bucket: Bucket,
  id: string,
  request: CompleteRequest,
): Promise<ObjectVersion> {
  const { ledger, store } = desk.context
  const row = ledger.upload(id)
  if (!row) throw noSuchUpload(id)
  if (row.completed) return answerAgain(desk, bucket, row, request)
  const arrived = ledger.parts(id, 0, maxParts)
  const parts = chooseParts(row, arrived, request)
  const record = recordOf(row, parts)
  checkWhole(request, record)
  const completion = { bucket, row, parts, arrived, record, request }
  const reception = receptionOf(desk, row)
  reception.closing = true
  try {
    const version = await (placesParts(store)
      ? publishPlaced(desk, completion, reception)
      : publishPassed(desk, completion))
    await finish(desk, row, version, fingerprintOf(request.parts))
    return version
  } finally {
    reception.closing = false
  }
}

/** Frees everything; what is still on its way is freed when it arrives. @throws S3Error NoSuchUpload */
export async function abort(desk: Desk, id: string, options: CallOptions): Promise<void> {
  return desk.turns.alone(id, '', async () => abortNow(desk, id, options))
}

async function abortNow(desk: Desk, id: string, options: CallOptions): Promise<void> {
  const { ledger, store } = desk.context
  const row = openRow(desk, id)
  if (placesParts(store)) {
    const place = assembledKey(id)
    await ledger.write({ do: 'remove-upload', id }, { do: 'put-leftover', place })
    await free(desk.context, place)
  } else {
    await desk.multipart.abort(uploadOf(row.backing), options)
    await ledger.write({ do: 'remove-upload', id })
  }
  desk.receptions.delete(id)
}

async function answerAgain(
  { context }: Desk,
  bucket: Bucket,
  { id, key, completed }: UploadRow,
  request: CompleteRequest,
): Promise<ObjectVersion> {
  if (completed?.parts === fingerprintOf(request.parts)) {
    const { versions } = await look(context, bucket.name, key, request)
    const etag = etagOf(request.parts)
    for (const { version } of versions.filter(isObject))
      if (version.version === completed.version && version.record.etag === etag) return version
  }
  throw noSuchUpload(id)
}

/** The object is there: what cannot be freed now does not change the answer. */
async function finish(
  desk: Desk,
  row: UploadRow,
  { version }: ObjectVersion,
  parts: string,
): Promise<void> {
  const { ledger, store } = desk.context
  const { id } = row
  const at = timeOf(desk)
  const changes: Change[] = [
    { do: 'remove-upload', id },
    { do: 'put-upload', row: { ...row, completed: { version, parts, at } } },
  ]
  if (placesParts(store)) {
    const place = assembledKey(id)
    await ledger.write(...changes, { do: 'put-leftover', place })
    await free(desk.context, place, uploadOf(row.backing))
  } else await ledger.write(...changes)
  desk.receptions.delete(id)
  desk.completed.set(id, at)
  await forgetOld(desk)
}
