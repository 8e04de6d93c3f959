// What the sink answers: buckets that were never filled, and objects that were put and dropped.
//
// A bucket named `COUNTxSIZE` (such as `10000x4096`) holds so many objects of so many bytes, in directories of 100.
// Any other bucket holds what was put there: its size, its ETag and its headers, and the block's bytes when it is read.
import { createHash, randomBytes } from 'node:crypto'
import { combineCrc64Nvme, crc64nvme } from '../src/kernels/crc64nvme.ts'

export interface Head {
  readonly method: string
  readonly target: string
  readonly headers: ReadonlyMap<string, string>
}

export interface Answer {
  readonly status: string
  readonly headers: Readonly<Record<string, string>>
  /** Text, or a range of an object's bytes. */
  readonly body: string | { readonly start: number; readonly end: number } | undefined
}

interface Stored {
  readonly size: number
  readonly etag: string
  readonly modified: number
  /** As they came with the upload. */
  readonly headers: Readonly<Record<string, string>>
}

interface Bucket {
  readonly objects: Map<string, Stored>
  /** The keys in order; undefined after a change. */
  sorted: readonly string[] | undefined
}

interface Upload {
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, { readonly size: number; readonly md5: string }>
}

export const block: Buffer = randomBytes(1024 * 1024)

const buckets = new Map<string, Bucket>()
const uploads = new Map<string, Upload>()
const started = Date.now()

export function answerTo({ method, target, headers }: Head, length: number): Answer {
  const question = target.indexOf('?')
  const path = question === -1 ? target : target.slice(0, question)
  const query = new URLSearchParams(question === -1 ? '' : target.slice(question + 1))
  const slash = path.indexOf('/', 1)
  const bucket = bucketNamed(
    decodeURIComponent(slash === -1 ? path.slice(1) : path.slice(1, slash)),
  )
  const key = slash === -1 ? '' : decodeURIComponent(path.slice(slash + 1))
  if (key === '') {
    if (method !== 'GET') return done()
    return query.has('location')
      ? xml('<LocationConstraint></LocationConstraint>')
      : listing(bucket, query)
  }
  const uploadId = query.get('uploadId')
  switch (method) {
    case 'PUT':
      return uploadId === null
        ? store(bucket, key, length, etagOf(headers), headers)
        : storePart(uploadId, Number(query.get('partNumber')), length, headers)
    case 'POST':
      return uploadId === null
        ? beginUpload(key, headers)
        : completeUpload(bucket, key, uploadId, headers)
    case 'DELETE':
      if (uploadId === null && bucket.objects.delete(key)) bucket.sorted = undefined
      return { ...done(), status: '204 No Content' }
    default:
      return read(bucket, key, headers)
  }
}

function bucketNamed(name: string): Bucket {
  const known = buckets.get(name)
  if (known) return known
  const bucket: Bucket = { objects: new Map(), sorted: undefined }
  const [, count, size] = /^(\d+)x(\d+)$/.exec(name) ?? []
  if (count !== undefined && size !== undefined) generate(bucket, Number(count), Number(size))
  buckets.set(name, bucket)
  return bucket
}

function generate({ objects }: Bucket, count: number, size: number): void {
  const crc = Buffer.alloc(8)
  crc.writeBigUInt64BE(repeatedCrc(size))
  const stored: Stored = {
    size,
    etag:
      size <= block.length
        ? `"${createHash('md5').update(block.subarray(0, size)).digest('hex')}"`
        : `"${'0'.repeat(32)}-${Math.ceil(size / block.length)}"`,
    modified: started,
    headers: {
      'x-amz-checksum-crc64nvme': crc.toString('base64'),
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
  }
  for (let index = 0; index < count; index++) {
    const name = String(index).padStart(8, '0')
    objects.set(`${name.slice(0, 6)}/${name}.bin`, stored)
  }
}

function repeatedCrc(size: number): bigint {
  const one = crc64nvme(block)
  let crc = 0n
  for (let at = 0; at < size; at += block.length) {
    const length = Math.min(block.length, size - at)
    const next = length === block.length ? one : crc64nvme(block.subarray(0, length))
    crc = combineCrc64Nvme(crc, next, length)
  }
  return crc
}

/** An MD5 where the client sent one: that is what some compare it with. */
function etagOf(headers: ReadonlyMap<string, string>): string {
  const md5 = headers.get('content-md5')
  return `"${md5 === undefined ? '0'.repeat(32) : Buffer.from(md5, 'base64').toString('hex')}"`
}

/** What a read of the object tells again. */
function kept(headers: ReadonlyMap<string, string>): Record<string, string> {
  const again: Record<string, string> = {}
  for (const [name, value] of headers)
    if (name.startsWith('x-amz-meta-') || name === 'content-type') again[name] = value
  return { ...again, ...checksum(headers) }
}

function checksum(headers: ReadonlyMap<string, string>): Record<string, string> {
  const crc = headers.get('x-amz-checksum-crc64nvme')
  return crc === undefined
    ? {}
    : { 'x-amz-checksum-crc64nvme': crc, 'x-amz-checksum-type': 'FULL_OBJECT' }
}

function store(
  bucket: Bucket,
  key: string,
  size: number,
  etag: string,
  headers: ReadonlyMap<string, string>,
): Answer {
  if (!bucket.objects.has(key)) bucket.sorted = undefined
  bucket.objects.set(key, { size, etag, modified: Date.now(), headers: kept(headers) })
  return { status: '200 OK', headers: { etag, ...checksum(headers) }, body: undefined }
}

function storePart(
  id: string,
  number: number,
  size: number,
  headers: ReadonlyMap<string, string>,
): Answer {
  const etag = etagOf(headers)
  uploads.get(id)?.parts.set(number, { size, md5: etag.slice(1, -1) })
  return { status: '200 OK', headers: { etag, ...checksum(headers) }, body: undefined }
}

function beginUpload(key: string, headers: ReadonlyMap<string, string>): Answer {
  const id = randomBytes(8).toString('hex')
  uploads.set(id, { headers: kept(headers), parts: new Map() })
  return xml(
    `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  )
}

function completeUpload(
  bucket: Bucket,
  key: string,
  id: string,
  headers: ReadonlyMap<string, string>,
): Answer {
  const upload = uploads.get(id)
  if (!upload) return { ...done(), status: '404 Not Found' }
  uploads.delete(id)
  const parts = [...upload.parts].toSorted(([a], [b]) => a - b).map(([, part]) => part)
  const md5 = createHash('md5')
  let size = 0
  for (const part of parts) {
    md5.update(part.md5, 'hex')
    size += part.size
  }
  const etag = `"${md5.digest('hex')}-${parts.length}"`
  store(bucket, key, size, etag, new Map([...Object.entries(upload.headers), ...headers]))
  const crc = headers.get('x-amz-checksum-crc64nvme')
  const element =
    crc === undefined
      ? ''
      : `<ChecksumCRC64NVME>${crc}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>`
  return xml(
    `<CompleteMultipartUploadResult><Key>${key}</Key><ETag>${etag}</ETag>${element}</CompleteMultipartUploadResult>`,
  )
}

function read(bucket: Bucket, key: string, asked: ReadonlyMap<string, string>): Answer {
  const stored = bucket.objects.get(key)
  if (!stored) return { ...done(), status: '404 Not Found' }
  const { size, etag } = stored
  const headers: Record<string, string> = {
    etag,
    'last-modified': new Date(stored.modified).toUTCString(),
    'accept-ranges': 'bytes',
    ...stored.headers,
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(asked.get('range') ?? '') ?? []
  if (first === undefined) return { status: '200 OK', headers, body: { start: 0, end: size } }
  const start = Number(first)
  const end = last ? Math.min(size, Number(last) + 1) : size
  if (start >= size) return { ...done(), status: '416 Range Not Satisfiable' }
  const { 'x-amz-checksum-crc64nvme': _, 'x-amz-checksum-type': __, ...ranged } = headers
  return {
    status: '206 Partial Content',
    headers: { ...ranged, 'content-range': `bytes ${start}-${end - 1}/${size}` },
    body: { start, end },
  }
}

/** ListObjectsV2, and version 1 for those who ask for that. */
function listing(bucket: Bucket, query: URLSearchParams): Answer {
  const keys = (bucket.sorted ??= [...bucket.objects.keys()].toSorted())
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const most = Math.min(1000, Number(query.get('max-keys') ?? 1000))
  const token = query.get('continuation-token')
  const after =
    token === null ? (query.get('start-after') ?? query.get('marker')) : decodeURIComponent(token)
  let index =
    after === null || after < prefix ? firstFrom(keys, prefix) : firstFrom(keys, `${after}\0`)
  let text = ''
  let count = 0
  let last = ''
  for (; count < most; count++) {
    const key = keys[index]
    if (key === undefined || !key.startsWith(prefix)) break
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    if (cut === -1) {
      text += contents(key, bucket.objects.get(key))
      last = key
      index++
    } else {
      const group = key.slice(0, cut + delimiter.length)
      text += `<CommonPrefixes><Prefix>${encode(group)}</Prefix></CommonPrefixes>`
      last = `${group}\uffff`
      index = firstFrom(keys, last)
    }
  }
  const more = keys[index]?.startsWith(prefix) ?? false
  const next = more
    ? `<NextContinuationToken>${encode(last)}</NextContinuationToken><NextMarker>${encode(last)}</NextMarker>`
    : ''
  const encoding = query.has('encoding-type') ? '<EncodingType>url</EncodingType>' : ''
  return xml(
    `<ListBucketResult><Prefix>${encode(prefix)}</Prefix><KeyCount>${count}</KeyCount><MaxKeys>${most}</MaxKeys>` +
      `${encoding}<IsTruncated>${more}</IsTruncated>${next}${text}</ListBucketResult>`,
  )
}

function contents(key: string, stored: Stored | undefined): string {
  if (!stored) return ''
  const { size, modified } = stored
  const etag = stored.etag.slice(1, -1)
  return (
    `<Contents><Key>${encode(key)}</Key><LastModified>${new Date(modified).toISOString()}</LastModified>` +
    `<ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  )
}

function encode(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/')
}

/** The index of the first key that is not before this. */
function firstFrom(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

function xml(text: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`
  return { status: '200 OK', headers: { 'content-type': 'application/xml' }, body }
}

function done(): Answer {
  return { status: '200 OK', headers: {}, body: undefined }
}
