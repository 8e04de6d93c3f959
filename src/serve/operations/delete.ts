// DeleteObject.
import type { Operation } from '../http/types.ts'
import { bucketOf, keyOf, versionOf } from './arguments.ts'
import { writeConditions } from './conditions.ts'
import { refuseUnsupported } from './unsupported.ts'

export const deleteObject: Operation = async (request, service) => {
  const { headers, signal } = request
  refuseUnsupported(headers)
  const conditions = { ifMatch: writeConditions(headers).ifMatch }
  const bucket = await bucketOf(request, service)
  const removed = await service.vault.remove(bucket, keyOf(request), versionOf(request), {
    conditions,
    signal,
  })
  return {
    status: 204,
    headers: {
      'x-amz-delete-marker': removed.marker ? 'true' : undefined,
      'x-amz-version-id': removed.version,
    },
  }
}
