// CreateMultipartUpload.
import { xmlDocument, xmlText } from '../../../wire/xml.ts'
import { wantedChecksum } from '../../body/checksum-headers.ts'
import type { Operation } from '../../http/types.ts'
import { bucketOf, keyOf } from '../arguments.ts'
import { factsFrom } from '../facts.ts'

export const createMultipartUpload: Operation = async (request, service) => {
  const { headers, signal } = request
  const facts = factsFrom(headers)
  const checksum = wantedChecksum(headers)
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const { id, key } = await uploads.begin(bucket, keyOf(request), { facts, checksum }, { signal })
  return {
    status: 200,
    headers: {
      'x-amz-checksum-algorithm': checksum?.algorithm,
      'x-amz-checksum-type': checksum?.type,
    },
    body: xmlDocument(
      'InitiateMultipartUploadResult',
      xmlText('Bucket', bucket.name),
      xmlText('Key', key),
      xmlText('UploadId', id),
    ),
  }
}
