// What S3 knows of unfinished multipart uploads: which there are, and what parts they have.
import { type Key, toKey } from '../../core/key.ts'
import type { CallOptions, PartReceipt, Upload } from '../../core/store.ts'
import { needNumber, needText, textOf, type XmlElement } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { crcFrom, etagFrom, timeFrom } from './info.ts'

export async function* listUploadedParts(
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
      headers: client.customerKey.object,
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

export type StartedUpload = Upload & { readonly started: Date | undefined }

export async function* listUploads(
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
