// The end of a multipart upload: the object becomes visible, whole, if it is what it should be.
import { crc64ToBase64 } from '../../core/digest.ts'
import { HawserError } from '../../core/errors.ts'
import type {
  CallOptions,
  CompleteOptions,
  ObjectInfo,
  PartReceipt,
  Upload,
} from '../../core/store.ts'
import { combineCrc64Nvme } from '../../kernels/crc64nvme.ts'
import { escapeXml, needText, textOf } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { sendGuarded } from './conditions.ts'
import { crcFrom, etagFrom } from './info.ts'
import { lookBefore, putTags, statObject, writtenInfo } from './objects.ts'
import { listUploadedParts } from './uploads.ts'
import { mismatch } from './upload.ts'

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** As S3 answers, and as moto does. */
const rootNames = ['CompleteMultipartUploadResult', 'CompleteMultipartUploadResponse']

export async function completeUpload(
  client: Client,
  upload: Upload,
  receipts: readonly PartReceipt[],
  options: CompleteOptions | undefined,
): Promise<ObjectInfo> {
  const parts = receipts.toSorted((a, b) => a.number - b.number)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const proven = joinedCrc(parts)
  const crc = options?.crc64nvme ?? proven
  const headers = {
    'content-type': 'application/xml',
    ...client.customerKey.object,
    ...(crc !== undefined && {
      'x-amz-checksum-crc64nvme': crc64ToBase64(crc),
      'x-amz-checksum-type': 'FULL_OBJECT',
    }),
  }
  const call: Call = {
    op: 'complete',
    kind: 'write',
    method: 'POST',
    key: upload.key,
    query: { uploadId: upload.id },
    headers,
    body: Buffer.from(
      `<CompleteMultipartUpload xmlns="${namespace}">${parts.map(partXml).join('')}</CompleteMultipartUpload>`,
    ),
    options,
  }
  if (parts.length === 0) await refuseNoParts(client, upload, options)
  if (options && size !== options.size)
    throw new HawserError(
      'integrity',
      `the parts have ${size} bytes instead of ${options.size}`,
      client.details(call),
    )
  if (proven !== undefined && crc !== proven) throw mismatch(client, call, 'were sent')
  const done = await sendGuarded(
    client,
    {
      op: 'complete',
      condition: options?.condition,
      look: (held) => lookBefore(client, upload.key, held, 'complete', options ?? {}),
      // Older services do.
      mayIgnore: !client.computesChecksums,
    },
    async (guard) =>
      client.document(
        { ...call, headers: { ...headers, ...guard } },
        rootNames,
        (root, response) => ({
          response,
          size,
          etag: etagFrom(needText(root, 'ETag')),
          crc64nvme: crcFrom(textOf(root, 'ChecksumCRC64NVME'), textOf(root, 'ChecksumType')),
        }),
      ),
  )
  // Ceph 20 accepts a wrong checksum of the whole object, and answers with the true one.
  if (crc !== undefined && done.crc64nvme !== undefined && done.crc64nvme !== crc)
    throw mismatch(client, call, 'are stored')
  const { signal, meter, properties } = options ?? {}
  await putTags(client, upload.key, properties?.tags, 'complete', { signal, meter })
  // Ceph 16 leaves the ETag empty.
  if (done.etag === undefined) return statObject(client, upload.key, { signal, meter }, 'complete')
  return writtenInfo(client, upload.key, done, options ?? {})
}

/** @throws not-found where the upload is gone, else invalid-argument: an object of no parts is written, not assembled */
async function refuseNoParts(
  client: Client,
  upload: Upload,
  options: CallOptions | undefined,
): Promise<never> {
  await listUploadedParts(client, upload, options).next()
  throw new HawserError(
    'invalid-argument',
    'an upload has one part at least',
    client.details({ op: 'complete', key: upload.key }),
  )
}

/** The checksum of the whole, from those of its parts where all are known. */
function joinedCrc(parts: readonly PartReceipt[]): bigint | undefined {
  let crc = 0n
  for (const part of parts) {
    if (part.crc64nvme === undefined) return undefined
    crc = combineCrc64Nvme(crc, part.crc64nvme, part.size)
  }
  return crc
}

/** Checksums of parts are left out: S3 asks for them only where the whole has a composite one. */
function partXml(part: PartReceipt): string {
  return `<Part><PartNumber>${part.number}</PartNumber><ETag>${escapeXml(part.etag ?? '')}</ETag></Part>`
}
