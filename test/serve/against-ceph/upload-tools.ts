// Uploads in parts, as the scenarios begin and end them.
import type { Stage } from './stage.ts'

/** Of nothing that was uploaded. */
export const wrongTag = '"0123456789abcdef0123456789abcdef"'

/** The ID of a new upload. */
export async function begin(
  stage: Stage,
  key: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const { bytes } = await stage.done('POST', key, { query: { uploads: '' }, headers })
  const id = /<UploadId>([^<]*)</.exec(bytes.toString())?.[1] ?? ''
  stage.call(id, 'UPLOAD')
  return id
}

/** The etag of a part that was uploaded. */
export async function part(
  stage: Stage,
  key: string,
  uploadId: string,
  number: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const heard = await stage.done('PUT', key, {
    query: { uploadId, partNumber: String(number) },
    body,
    headers,
  })
  return String(heard.headers.etag)
}

/** What completes an upload: numbers and etags of parts, and what else is said of each. */
export function listOf(parts: readonly (readonly [number | string, string, string?])[]): string {
  const elements = parts.map(
    ([number, etag, more]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more ?? ''}</Part>`,
  )
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${elements.join('')}</CompleteMultipartUpload>`
}
