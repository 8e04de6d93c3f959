// Multipart uploads. S3: a part is 5 MiB to 5 GiB but the last, at most 10,000 parts, an object up to 5 TiB.
import { crc64ToBase64 } from '../../core/digest.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { type Key } from '../../core/key.ts'
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
import type { Call, Client } from './client.ts'
import { copySourceHeaders } from './copy.ts'
import { crcFrom, etagFrom, timeFrom } from './info.ts'
import { keyDecoder } from './list.ts'
import { conditionHeaders, objectHeaders, writtenInfo } from './objects.ts'
import { mismatch, sendBody } from './upload.ts'
import {
  child,
  escapeXml,
  MalformedXml,
  needNumber,
  needText,
  textOf,
  type XmlElement,
} from './xml.ts'

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
  const crc = options?.crc64nvme
  const call: Call = {
    op: 'complete',
    kind: 'write',
    method: 'POST',
    key: upload.key,
    query: { uploadId: upload.id },
    headers: {
      'content-type': 'application/xml',
      ...conditionHeaders(options?.condition),
      ...(crc !== undefined && {
        'x-amz-checksum-crc64nvme': crc64ToBase64(crc),
        'x-amz-checksum-type': 'FULL_OBJECT',
      }),
    },
    body: Buffer.from(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.map(partXml).join('')}</CompleteMultipartUpload>`,
    ),
    options,
  }
  if (options && size !== options.size)
    throw new HawserError(
      'integrity',
      `the parts have ${size} bytes instead of ${options.size}`,
      client.details(call),
    )
  return client.document(call, 'CompleteMultipartUploadResult', (root, response) => {
    const stored = crcFrom(textOf(root, 'ChecksumCRC64NVME'), textOf(root, 'ChecksumType'))
    // Ceph 20 accepts a wrong checksum of the whole object, and answers with the true one.
    if (crc !== undefined && stored !== undefined && stored !== crc)
      throw mismatch(client, call, 'are stored')
    const etag = etagFrom(needText(root, 'ETag'))
    return writtenInfo(
      client,
      upload.key,
      { response, size, etag, crc64nvme: stored },
      options ?? {},
    )
  })
}

function partXml(part: PartReceipt): string {
  const crc =
    part.crc64nvme === undefined
      ? ''
      : `<ChecksumCRC64NVME>${crc64ToBase64(part.crc64nvme)}</ChecksumCRC64NVME>`
  return `<Part><PartNumber>${part.number}</PartNumber><ETag>${escapeXml(part.etag ?? '')}</ETag>${crc}</Part>`
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
        'encoding-type': 'url',
        'max-uploads': '1000',
        prefix: prefix || undefined,
        'key-marker': marker?.key,
        'upload-id-marker': marker?.id,
      },
      options,
    }
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
  const decode = keyDecoder(root)
  const uploads: StartedUpload[] = []
  for (const element of root.children) {
    if (element.name !== 'Upload') continue
    const key = decode(needText(element, 'Key'))
    if (key === undefined) continue // not UTF-8, so not ours
    const started = timeFrom(textOf(element, 'Initiated'))
    uploads.push({
      key,
      id: needText(element, 'UploadId'),
      started: started === undefined ? undefined : new Date(Number(started / 1_000_000n)),
    })
  }
  if (textOf(root, 'IsTruncated') !== 'true') return { uploads, next: undefined }
  const key = decode(needText(root, 'NextKeyMarker'))
  if (key === undefined || !child(root, 'NextUploadIdMarker'))
    throw new MalformedXml('a listing of uploads that cannot be continued')
  return { uploads, next: { key, id: needText(root, 'NextUploadIdMarker') } }
}
