// CompleteMultipartUpload and AbortMultipartUpload.
import { needText, textOf, xmlDocument, xmlText, type XmlElement } from '../../../wire/xml.ts'
import { completedChecksum } from '../../body/checksum-headers.ts'
import { S3Error } from '../../errors.ts'
import type { Answer, Operation, S3Request } from '../../http/types.ts'
import type { CompleteRequest, UploadInfo } from '../../vault/types.ts'
import {
  MAX_PART_NUMBER,
  bucketOf,
  invalidArgument,
  keyOf,
  uploadIdOf,
  wholeNumber,
} from '../arguments.ts'
import { checksumElements } from '../checksums.ts'
import { parseEtags, writeConditions } from '../conditions.ts'
import { quoted, versionId } from '../object-headers.ts'
import type { FormService } from '../post-object.ts'
import { refuseUnsupported } from '../unsupported.ts'
import { fromXml } from '../xml.ts'

export async function completeMultipartUpload(
  request: S3Request,
  service: FormService,
): Promise<Answer> {
  const { headers, signal } = request
  refuseUnsupported(headers)
  const conditions = writeConditions(headers)
  const size = sizeOf(headers['x-amz-mp-object-size'])
  const key = keyOf(request)
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const upload = await uploads.find(bucket, key, uploadIdOf(request))
  const checksum = checksumOf(request, upload)
  const parts = await fromXml(ofItsBody(request), 'CompleteMultipartUpload', (root) =>
    parseComplete(root, upload),
  )
  const { record, version } = await uploads.complete(bucket, upload, {
    parts,
    checksum,
    size,
    conditions,
    signal,
  })
  return {
    status: 200,
    headers: { 'x-amz-version-id': versionId(bucket, version) },
    body: xmlDocument(
      'CompleteMultipartUploadResult',
      xmlText('Location', `${service.scheme}://${headers['host'] ?? ''}${request.rawPath}`),
      xmlText('Bucket', bucket.name),
      xmlText('Key', key),
      xmlText('ETag', quoted(record.etag)),
      checksumElements(record.checksum),
    ),
  }
}

/** Without the checksums in its headers: they are of the object, not of the list of its parts. */
function ofItsBody(request: S3Request): S3Request {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !name.startsWith('x-amz-checksum-') && name !== 'x-amz-sdk-checksum-algorithm',
  )
  return { ...request, headers: Object.fromEntries(headers) }
}

function sizeOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const size = wholeNumber(header)
  if (size === undefined)
    throw invalidArgument('x-amz-mp-object-size', header, 'The size of the object is no number.')
  return size
}

/** The request's checksum of the whole is of the upload's kind. @throws S3Error InvalidRequest */
function checksumOf({ headers }: S3Request, upload: UploadInfo): CompleteRequest['checksum'] {
  const type = headers['x-amz-checksum-type']?.toUpperCase()
  const expected = upload.checksum?.type ?? 'FULL_OBJECT'
  if (type !== undefined && type !== expected)
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using the ${expected} checksum mode. The complete request must use the same checksum mode.`,
    })
  const stated = completedChecksum(headers)
  if (!stated || !upload.checksum) return stated
  const { algorithm } = upload.checksum
  if (stated.algorithm !== algorithm)
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using the ${algorithm} checksum. The complete request must use the same checksum.`,
    })
  // A composite one may come without the number of parts: what it is, the upload says.
  return { ...stated, type: expected }
}

/** @throws S3Error MalformedXML, InvalidPartOrder, InvalidPart; MalformedXml */
export function parseComplete(
  root: XmlElement,
  { checksum }: Pick<UploadInfo, 'checksum'>,
): CompleteRequest['parts'] {
  const elements = root.children.filter(({ name }) => name === 'Part')
  if (elements.length === 0 || elements.length > MAX_PART_NUMBER) throw new S3Error('MalformedXML')
  let last = 0
  return elements.map((element) => {
    const number = wholeNumber(needText(element, 'PartNumber').trim())
    const etag = parseEtags(needText(element, 'ETag'))[0]
    if (number === undefined || etag === undefined) throw new S3Error('MalformedXML')
    if (number < 1 || number > MAX_PART_NUMBER)
      throw invalidArgument(
        'PartNumber',
        String(number),
        `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive.`,
      )
    // Composite checksums are of consecutive parts: CompletedPart in the Amazon S3 API Reference.
    if (number <= last || (checksum?.type === 'COMPOSITE' && number !== last + 1))
      throw new S3Error('InvalidPartOrder')
    last = number
    return { number, etag, checksum: partChecksum(element, checksum?.algorithm) }
  })
}

/** Of the upload's algorithm; those of others are refused: nobody could tell whether they are right. */
function partChecksum(element: XmlElement, algorithm: string | undefined): string | undefined {
  for (const { name } of element.children)
    if (name.startsWith('Checksum') && algorithm && name !== `Checksum${algorithm}`)
      throw new S3Error('InvalidPart', {
        message: `A part has the checksum ${name.slice(8)}, and the upload is of ${algorithm}.`,
      })
  return algorithm === undefined ? undefined : textOf(element, `Checksum${algorithm}`)?.trim()
}

export const abortMultipartUpload: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  const { uploads } = service.vault
  const upload = await uploads.find(bucket, keyOf(request), uploadIdOf(request))
  await uploads.abort(bucket, upload, { signal: request.signal })
  return { status: 204 }
}
