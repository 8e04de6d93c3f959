// UploadPart and UploadPartCopy.
import { xmlDocument, xmlText } from '../../../wire/xml.ts'
import { checksumHeader, statedChecksum } from '../../body/checksum-headers.ts'
import { incomingBody } from '../../body/incoming.ts'
import { S3Error } from '../../errors.ts'
import type { Operation, S3Request } from '../../http/types.ts'
import type { PartInfo, UploadInfo } from '../../vault/types.ts'
import { bucketOf, keyOf, partNumberOf, uploadIdOf } from '../arguments.ts'
import { checksumElement } from '../checksums.ts'
import { openSource, parseCopySource, sourceHeaders } from '../copy-source.ts'
import { MAX_WRITE } from '../limits.ts'
import { quoted } from '../object-headers.ts'
import { parseCopyRange } from '../ranges.ts'
import { refuseUnsupported } from '../unsupported.ts'
import { xmlTime } from '../xml.ts'

export const uploadPart: Operation = async (request, service) => {
  const { headers, query, signal } = request
  refuseUnsupported(headers)
  const number = partNumberOf(query.get('partNumber') ?? '')
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const upload = await uploads.find(bucket, keyOf(request), uploadIdOf(request))
  checkAlgorithm(request, upload)
  const body = incomingBody(request, {
    maxSize: MAX_WRITE,
    checksum: upload.checksum?.algorithm,
  })
  const part = await uploads.part(bucket, upload, number, body, { signal })
  return { status: 200, headers: { etag: quoted(part.etag), ...checksumOf(upload, part) } }
}

/**
 * The parts of an upload have checksums of its kind; where its own will be of theirs, every one has.
 * @throws S3Error InvalidRequest
 */
function checkAlgorithm({ headers }: S3Request, { checksum }: UploadInfo): void {
  if (!checksum) return
  const stated = statedChecksum(headers)?.algorithm
  if (stated === undefined ? checksum.type === 'COMPOSITE' : stated !== checksum.algorithm)
    throw new S3Error('InvalidRequest', {
      message: `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${stated?.toLowerCase() ?? 'null'}`,
    })
}

function checksumOf({ checksum }: UploadInfo, part: PartInfo): Record<string, string> {
  return checksum && part.checksum !== undefined
    ? { [checksumHeader(checksum.algorithm)]: part.checksum }
    : {}
}

export const uploadPartCopy: Operation = async (request, service) => {
  const { headers, query, signal } = request
  refuseUnsupported(headers)
  const source = parseCopySource(headers['x-amz-copy-source'] ?? '')
  const number = partNumberOf(query.get('partNumber') ?? '')
  const wanted = headers['x-amz-copy-source-range']
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const upload = await uploads.find(bucket, keyOf(request), uploadIdOf(request))
  const from = await openSource(request, service, source, ({ size }) => {
    const range = wanted === undefined ? undefined : parseCopyRange(wanted, size)
    if ((range ? range.end - range.start : size) > MAX_WRITE)
      throw new S3Error('InvalidRequest', {
        message: `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_WRITE}`,
      })
    return range
  })
  const part = await uploads.copyPart(bucket, upload, number, from.object, { signal })
  return {
    status: 200,
    headers: sourceHeaders(from),
    body: xmlDocument(
      'CopyPartResult',
      xmlText('LastModified', xmlTime(part.modified)),
      xmlText('ETag', quoted(part.etag)),
      upload.checksum ? checksumElement(upload.checksum.algorithm, part.checksum) : '',
    ),
  }
}
