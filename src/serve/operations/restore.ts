// RestoreObject: an archive that takes its time, as far as clients can tell.
import { child, textOf, type XmlElement } from '../../wire/xml.ts'
import { S3Error } from '../errors.ts'
import type { Operation, Service } from '../http/types.ts'
import { bucketOf, invalidArgument, keyOf, versionOf, wholeNumber } from './arguments.ts'
import { findObject } from './find.ts'
import { versionId } from './object-headers.ts'
import { isArchive, restoreState } from './storage-class.ts'
import { fromXml } from './xml.ts'

type Tier = keyof Service['restoreDelay']

export interface RestoreWish {
  readonly days: number
  readonly tier: Tier
}

export const restoreObject: Operation = async (request, service) => {
  const { days, tier } = await fromXml(request, 'RestoreRequest', parseRestore)
  const bucket = await bucketOf(request, service)
  const version = versionOf(request)
  const object = await findObject(service, bucket, keyOf(request), version, request.signal)
  const { record } = object
  if (!isArchive(record.storageClass))
    throw new S3Error('InvalidObjectState', {
      message: "Restore is not allowed for the object's current storage class",
      extra: { StorageClass: record.storageClass },
    })
  if (tier === 'Expedited' && record.storageClass === 'DEEP_ARCHIVE')
    throw invalidArgument('Tier', tier, 'Retrieval option is not supported by this storage class')
  const now = service.now()
  const state = restoreState(record, now)
  const asked = now + service.restoreDelay[tier]
  // What is under way may be made faster: "Upgrading the speed of an in-progress restore" in the S3 User Guide.
  if (state === 'ongoing' && record.restoration && asked >= record.restoration.ready)
    throw new S3Error('RestoreAlreadyInProgress')
  // What is restored already only stays longer.
  const restored = state === 'restored' ? record.restoration : undefined
  const ready = restored?.ready ?? asked
  const expires = expiryOf(Math.max(ready, now), days)
  await service.vault.update(bucket, object, { restoration: { ready, expires } }, request)
  return {
    status: restored ? 200 : 202,
    headers: { 'x-amz-version-id': versionId(bucket, object.version) },
  }
}

const day = 86_400_000
/** The last one that a Date can say. */
const lastDay = 100_000_000 * day

/** Days are counted to the next midnight, UTC, behind them ("Restoring an archived object" in the S3 User Guide). */
export function expiryOf(ready: number, days: number): number {
  return Math.min(Math.ceil((ready + days * day) / day) * day, lastDay)
}

/** @throws S3Error MalformedXML, InvalidArgument; NotImplemented for a query instead of a restoration */
export function parseRestore(root: XmlElement): RestoreWish {
  if (
    textOf(root, 'Type') !== undefined ||
    child(root, 'SelectParameters') ||
    child(root, 'OutputLocation')
  )
    throw new S3Error('NotImplemented', { message: 'Restores of type SELECT are not implemented.' })
  const days = wholeNumber(textOf(root, 'Days')?.trim() ?? '')
  if (days === undefined) throw new S3Error('MalformedXML')
  if (days < 1 || days > 2 ** 31 - 1)
    throw invalidArgument('Days', String(days), 'Days must be a positive number.')
  const parameters = child(root, 'GlacierJobParameters')
  const tier = (parameters && textOf(parameters, 'Tier')) ?? textOf(root, 'Tier') ?? 'Standard'
  if (tier !== 'Expedited' && tier !== 'Standard' && tier !== 'Bulk')
    throw new S3Error('MalformedXML')
  return { days, tier }
}
