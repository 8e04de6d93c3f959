// The fields of a browser's form, and what a PutObject would have in its headers.
//
// Rules: "POST Object" in the Amazon S3 API Reference.
import { S3Error } from '../errors.ts'
import type { FormReader } from '../http/form-data.ts'
import { checkKeyLength } from '../http/request.ts'
import { invalidArgument } from './arguments.ts'
import { MAX_OBJECT_TAGS, parseTagging } from './tags.ts'
import { parseBody } from './xml.ts'

/** By lower-case name. */
export type Fields = ReadonlyMap<string, string>

/** Up to the file. @throws S3Error IncorrectNumberOfFilesInPostRequest, and InvalidArgument where a field comes twice */
export async function readFields(form: FormReader): Promise<Fields> {
  const fields = new Map<string, string>()
  for (;;) {
    const part = await form.next()
    if (!part) throw new S3Error('IncorrectNumberOfFilesInPostRequest')
    const name = part.name.toLowerCase()
    if (name === 'file') {
      const filename = (part.filename ?? '').replace(/^.*[/\\]/s, '')
      for (const [field, value] of fields)
        if (field !== 'policy')
          fields.set(
            field,
            value.replaceAll('${filename}', () => filename),
          )
      return fields
    }
    if (fields.has(name))
      throw invalidArgument(name, '', 'A field comes more than once in the form.')
    fields.set(name, await form.text())
  }
}

/** @throws S3Error InvalidArgument, KeyTooLongError */
export function keyFrom(fields: Fields): string {
  const key = fields.get('key')
  if (key === undefined || key === '')
    throw invalidArgument(
      'key',
      '',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )
  return checkKeyLength(key)
}

const asHeader: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
])
/** Of the signature: no header of a PutObject, nor of an object. */
const ofPolicy: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-signature',
  'x-amz-security-token',
])

/** The headers of a PutObject; as in HTTP, one character for each byte. @throws S3Error InvalidArgument, MalformedXML, ... */
export function headersFrom(fields: Fields): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of fields) {
    if (!asHeader.has(name) && (!name.startsWith('x-amz-') || ofPolicy.has(name))) continue
    // oxlint-disable-next-line no-control-regex -- what no header can carry
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value))
      throw invalidArgument(name, value, 'A field has characters that no header can carry.')
    headers[name] = Buffer.from(value.trim()).toString('latin1')
  }
  const acl = fields.get('acl')
  if (acl !== undefined) headers['x-amz-acl'] = acl
  const tagging = fields.get('tagging')
  if (tagging !== undefined) headers['x-amz-tagging'] = taggingHeader(tagging)
  return headers
}

/** A form brings tags as XML. */
function taggingHeader(xml: string): string {
  const tags = parseBody(xml, 'Tagging', (root) => parseTagging(root, MAX_OBJECT_TAGS))
  return new URLSearchParams(tags).toString()
}
