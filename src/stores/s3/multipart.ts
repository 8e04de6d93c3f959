// Multipart uploads. S3: a part is 5 MiB to 5 GiB but the last, at most 10,000 parts, an object up to 5 TiB. Cloudflare R2
// takes the same, but only parts of one length ("Multipart upload" in the documentation of R2).
import { HawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type {
  CallOptions,
  CopySource,
  Multipart,
  PartReceipt,
  Range,
  Upload,
  WriteOptions,
} from '../../core/store.ts'
import { MalformedXml, needText, textOf } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { completeUpload } from './complete.ts'
import { copySourceHeaders } from './copy.ts'
import { crcFrom, etagFrom } from './info.ts'
import { objectHeaders, requireEncrypted } from './objects.ts'
import { sendBody } from './upload.ts'
import { listUploadedParts, listUploads } from './uploads.ts'

const MiB = 1024 * 1024
const GiB = 1024 * MiB

export function s3Multipart(client: Client): Multipart {
  return {
    limits: {
      minPart: 5 * MiB,
      maxPart: 5 * GiB,
      maxParts: 10_000,
      maxObject: 5 * 1024 * GiB,
      maxWrite: 5 * GiB,
      get equalParts() {
        return client.wantsEqualParts
      },
    },
    begin: (key, options) => begin(client, key, options),
    async part(upload, slot, body, options) {
      const sent = await sendBody(
        client,
        {
          op: 'part',
          kind: 'part',
          key: upload.key,
          query: partQuery(upload, slot.number),
          headers: client.customerKey.object,
          options,
        },
        body,
        options?.crc64nvme,
      )
      return { number: slot.number, size: sent.size, etag: sent.etag, crc64nvme: sent.crc64nvme }
    },
    copyPart: (upload, slot, from, range, options) =>
      copyPart(client, upload, slot.number, from, range, options),
    readPart: undefined,
    parts: (upload, options) => listUploadedParts(client, upload, options),
    complete: (upload, parts, options) => completeUpload(client, upload, parts, options),
    abort: (upload, options) => abort(client, upload, options),
    uploads: (prefix, options) => listUploads(client, prefix, options),
  }
}

function partQuery(upload: Upload, number: number): Record<string, string> {
  return { partNumber: String(number), uploadId: upload.id }
}

async function begin(client: Client, key: Key, options: WriteOptions = {}): Promise<Upload> {
  const call: Call = {
    op: 'begin',
    kind: 'write',
    method: 'POST',
    key,
    query: { uploads: '' },
    headers: {
      ...objectHeaders(options, client.details({ op: 'begin', key })),
      ...client.customerKey.object,
      'x-amz-checksum-algorithm': 'CRC64NVME',
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
    options,
  }
  const begun = await client.document(
    call,
    'InitiateMultipartUploadResult',
    (root, { headers }) => {
      const id = needText(root, 'UploadId')
      if (id === '') throw new MalformedXml('an upload without an id')
      return { upload: { key, id }, headers }
    },
  )
  try {
    requireEncrypted(client, call, begun.headers)
  } catch (error) {
    await abort(client, begun.upload, { meter: options.meter })
    throw error
  }
  return begun.upload
}

async function copyPart(
  client: Client,
  upload: Upload,
  number: number,
  from: CopySource,
  range: Range,
  options: CallOptions | undefined,
): Promise<PartReceipt> {
  // Ceph 16 decodes such a name twice: it reads another object, or ends.
  if (/[%+]/.test(from.key) && !client.computesChecksums)
    throw new HawserError(
      'unsupported',
      'this service may misread a source with % or + in its name',
      client.details({ op: 'copyPart', key: from.key }),
    )
  const call: Call = {
    op: 'copyPart',
    kind: 'copy',
    method: 'PUT',
    key: upload.key,
    query: partQuery(upload, number),
    headers: {
      ...copySourceHeaders(from),
      ...client.sourceOf(from.location).customerKey.source,
      ...client.customerKey.object,
      'x-amz-copy-source-range': `bytes=${range.start}-${range.end - 1}`,
    },
    options,
  }
  return client.document(call, 'CopyPartResult', (root) => ({
    number,
    size: range.end - range.start,
    etag: etagFrom(needText(root, 'ETag')),
    crc64nvme: crcFrom(textOf(root, 'ChecksumCRC64NVME'), undefined),
  }))
}

async function abort(
  client: Client,
  upload: Upload,
  options: CallOptions | undefined,
): Promise<void> {
  try {
    const response = await client.call({
      op: 'abort',
      kind: 'remove',
      method: 'DELETE',
      key: upload.key,
      query: { uploadId: upload.id },
      options,
    })
    await response.discard()
  } catch (error) {
    if (!isHawserError(error) || error.code !== 'not-found') throw error
  }
}
