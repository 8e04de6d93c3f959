// Multipart uploads. S3: a part is 5 MiB to 5 GiB but the last, at most 10,000 parts, an object up to 5 TiB.
import { crc64ToBase64 } from '../../core/digest.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { type Key, toKey } from '../../core/key.ts'
import type {
  CallOptions,
  CompleteOptions,
  CopySource,
  Multipart,
  ObjectInfo,
  PartReceipt,
  Range,
  Upload,
  WriteOptions,
} from '../../core/store.ts'
import { combineCrc64Nvme } from '../../kernels/crc64nvme.ts'
import type { Call, Client } from './client.ts'
import { copySourceHeaders } from './copy.ts'
import { crcFrom, etagFrom, timeFrom } from './info.ts'
import { conditionHeaders, lookBefore, objectHeaders, statObject, writtenInfo } from './objects.ts'
import { mismatch, sendBody } from './upload.ts'
import { escapeXml, MalformedXml, needNumber, needText, textOf, type XmlElement } from './xml.ts'

const MiB = 1024 * 1024
const GiB = 1024 * MiB
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function s3Multipart(client: Client): Multipart {
  return {
    limits: {
      minPart: 5 * MiB,
      maxPart: 5 * GiB,
      maxParts: 10_000,
      maxObject: 5 * 1024 * GiB,
      maxWrite: 5 * GiB,
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
          options,
        },
        body,
        options?.crc64nvme,
      )
      return { number: slot.number, size: sent.size, etag: sent.etag, crc64nvme: sent.crc64nvme }
    },
    copyPart: (upload, slot, from, range, options) =>
      copyPart(client, upload, slot.number, from, range, options),
    parts: (upload, options) => listParts(client, upload, options),
    complete: (upload, parts, options) => complete(client, upload, parts, options),
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
      ...objectHeaders(options, 'begin'),
      'x-amz-checksum-algorithm': 'CRC64NVME',
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
    options,
  }
  return client.document(call, 'InitiateMultipartUploadResult', (root) => {
    const id = needText(root, 'UploadId')
    if (id === '') throw new MalformedXml('an upload without an id')
    return { key, id }
  })
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

async function* listParts(
  client: Client,
  upload: Upload,
  options: CallOptions | undefined,
): AsyncGenerator<PartReceipt> {
  let marker: number | undefined
  do {
    const call: Call = {
      op: 'parts',
      kind: 'list',
      method: 'GET',
      key: upload.key,
      query: {
        uploadId: upload.id,
        'max-parts': '1000',
        'part-number-marker': marker === undefined ? undefined : String(marker),
      },
      options,
    }
    const page = await client.document(call, 'ListPartsResult', readParts)
    if (page.next !== undefined && page.next <= (marker ?? 0))
      throw client.malformed('a listing of parts in a circle', call)
    yield* page.parts
    marker = page.next
  } while (marker !== undefined)
}

function readParts(root: XmlElement): { parts: PartReceipt[]; next: number | undefined } {
  const parts: PartReceipt[] = []
  for (const element of root.children)
    if (element.name === 'Part')
      parts.push({
        number: needNumber(element, 'PartNumber'),
        size: needNumber(element, 'Size'),
        etag: etagFrom(textOf(element, 'ETag')),
        crc64nvme: crcFrom(textOf(element, 'ChecksumCRC64NVME'), undefined),
      })
  const more = textOf(root, 'IsTruncated') === 'true'
  return { parts, next: more ? needNumber(root, 'NextPartNumberMarker') : undefined }
}

async function complete(
  client: Client,
  upload: Upload,
  receipts: readonly PartReceipt[],
  options: CompleteOptions | undefined,
): Promise<ObjectInfo> {
  const parts = receipts.toSorted((a, b) => a.number - b.number)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const proven = joinedCrc(parts)
  const crc = options?.crc64nvme ?? proven
  const condition = options?.condition
  const call: Call = {
    op: 'complete',
    kind: 'write',
    method: 'POST',
    key: upload.key,
    query: { uploadId: upload.id },
    headers: {
      'content-type': 'application/xml',
      ...conditionHeaders(client, condition),
      ...(crc !== undefined && {
        'x-amz-checksum-crc64nvme': crc64ToBase64(crc),
        'x-amz-checksum-type': 'FULL_OBJECT',
      }),
    },
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
  // Older services ignore conditions here: a look before at least narrows the gap.
  if (condition && !client.computesChecksums)
    await lookBefore(client, upload.key, condition, 'complete', options ?? {})
  const done = await client.document(call, 'CompleteMultipartUploadResult', (root, response) => ({
    response,
    size,
    etag: etagFrom(needText(root, 'ETag')),
    crc64nvme: crcFrom(textOf(root, 'ChecksumCRC64NVME'), textOf(root, 'ChecksumType')),
  }))
  // Ceph 20 accepts a wrong checksum of the whole object, and answers with the true one.
  if (crc !== undefined && done.crc64nvme !== undefined && done.crc64nvme !== crc)
    throw mismatch(client, call, 'are stored')
  const { signal, meter } = options ?? {}
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
  await listParts(client, upload, options).next()
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

type StartedUpload = Upload & { readonly started: Date | undefined }

async function* listUploads(
  client: Client,
  prefix: Key,
  options: CallOptions | undefined,
): AsyncGenerator<StartedUpload> {
  let marker: { readonly key: string; readonly id: string } | undefined
  do {
    const call: Call = {
      op: 'uploads',
      kind: 'list',
      method: 'GET',
      query: {
        uploads: '',
        'max-uploads': '1000',
        prefix: prefix || undefined,
        'key-marker': marker?.key,
        'upload-id-marker': marker?.id,
      },
      options,
    }
    // Without `encoding-type`: Ceph then encodes the keys and does not say so.
    const page = await client.document(call, 'ListMultipartUploadsResult', readUploads)
    if (page.next && page.next.key === marker?.key && page.next.id === marker.id)
      throw client.malformed('a listing of uploads in a circle', call)
    yield* page.uploads
    marker = page.next
  } while (marker)
}

function readUploads(root: XmlElement): {
  uploads: StartedUpload[]
  next: { readonly key: string; readonly id: string } | undefined
} {
  const uploads: StartedUpload[] = []
  for (const element of root.children) {
    if (element.name !== 'Upload') continue
    const key = toKey(needText(element, 'Key'))
    const started = timeFrom(textOf(element, 'Initiated'))
    uploads.push({
      key,
      id: needText(element, 'UploadId'),
      started: started === undefined ? undefined : new Date(Number(started / 1_000_000n)),
    })
  }
  if (textOf(root, 'IsTruncated') !== 'true') return { uploads, next: undefined }
  const next = { key: needText(root, 'NextKeyMarker'), id: needText(root, 'NextUploadIdMarker') }
  return { uploads, next }
}
