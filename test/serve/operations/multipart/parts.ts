// What the tests of uploads in parts share.
import { bytesOf } from '../../../conformance/tools.ts'
import type { Reply, Sent, TestClient } from '../../client.ts'

export const MiB: number = 2 ** 20

/** An upload that has begun. */
export interface Begun {
  readonly bucket: string
  /** `bucket/key` */
  readonly name: string
  readonly id: string
}

export async function begin(
  s3: TestClient,
  headers: Sent['headers'] = {},
  bucket?: string,
): Promise<Begun> {
  const into = bucket ?? (await s3.bucket())
  const name = `${into}/object`
  const reply = await s3.done('POST', name, { query: { uploads: '' }, headers })
  return { bucket: into, name, id: reply.get('UploadId') ?? '' }
}

/** Sends a part; of a size in bytes, or these. */
export function sendPart(
  s3: TestClient,
  { name, id }: Begun,
  number: number,
  body: Uint8Array | string,
  headers: Sent['headers'] = {},
): Promise<Reply> {
  const query = { partNumber: String(number), uploadId: id }
  return s3.done('PUT', name, { query, headers, body })
}

/** Bytes of a part that is large enough to be followed by another. */
export function large(seed: number): Uint8Array {
  return bytesOf(5 * MiB, seed)
}

export interface NamedPart {
  readonly number: number
  readonly etag: string | undefined
  /** More elements. */
  readonly more?: string
}

/** The request that completes an upload. */
export function completion(
  { id }: Begun,
  parts: readonly NamedPart[],
  headers: Sent['headers'] = {},
): Sent {
  const elements = parts.map(
    ({ number, etag, more }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag ?? ''}</ETag>${more ?? ''}</Part>`,
  )
  return {
    query: { uploadId: id },
    headers,
    body: `<CompleteMultipartUpload>${elements.join('')}</CompleteMultipartUpload>`,
  }
}
