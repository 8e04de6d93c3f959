// GetBucketAcl and GetObjectAcl: what holds for all of them, the owner's full control.
import { xmlDocument, xmlElement, xmlText } from '../../wire/xml.ts'
import type { Operation } from '../http/types.ts'
import type { Bucket } from '../vault/types.ts'
import { bucketOf, keyOf, versionOf } from './arguments.ts'
import { findObject } from './find.ts'
import { versionId } from './object-headers.ts'
import { ownerElement } from './xml.ts'

export const getBucketAcl: Operation = async (request, service) => {
  return { status: 200, body: policy(await bucketOf(request, service)) }
}

export const getObjectAcl: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  const { version } = await findObject(
    service,
    bucket,
    keyOf(request),
    versionOf(request),
    request.signal,
  )
  return {
    status: 200,
    headers: { 'x-amz-version-id': versionId(bucket, version) },
    body: policy(bucket),
  }
}

function policy({ owner }: Bucket): string {
  const grantee =
    '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">' +
    `${xmlText('ID', owner)}${xmlText('DisplayName', owner)}</Grantee>`
  return xmlDocument(
    'AccessControlPolicy',
    ownerElement(owner),
    xmlElement(
      'AccessControlList',
      xmlElement('Grant', grantee, xmlText('Permission', 'FULL_CONTROL')),
    ),
  )
}
