// PostObject: an object from a browser's form. What the fields say is what the headers of a PutObject say.
//
// Rules: "POST Object" in the Amazon S3 API Reference.
import { encodeKey } from '../../wire/sigv4.ts'
import { xmlText, bareXmlDocument } from '../../wire/xml.ts'
import type { Accounts } from '../auth/accounts.ts'
import { checkPolicy, type CheckedPolicy } from '../auth/policy.ts'
import { S3Error } from '../errors.ts'
import { boundaryOf, FormReader } from '../http/form-data.ts'
import { checkOwner } from '../http/owners.ts'
import type { Answer, S3Request, Service } from '../http/types.ts'
import { invalidArgument } from './arguments.ts'
import { MAX_WRITE } from './limits.ts'
import { putObject } from './put.ts'
import { Spool } from './spool.ts'
import { MAX_OBJECT_TAGS, parseTagging } from './tags.ts'
import { parseBody } from './xml.ts'

/** What a form needs beside: its signature is in its fields. */
export interface FormService extends Service {
  readonly accounts: Accounts
  readonly scheme: 'http' | 'https'
}

/** S3: the form without its file. */
const maxForm = 20 * 1024
/** What may follow the file: nobody looks at it. */
const maxBehind = 64 * 1024
const maxKeyBytes = 1024

type Fields = ReadonlyMap<string, string>

export async function postObject(request: S3Request, service: FormService): Promise<Answer> {
  const bucket = request.bucket ?? ''
  const source = request.body.iterator({ destroyOnReturn: false })
  const form = new FormReader(source, boundaryOf(request.headers['content-type']), maxForm)
  const fields = await readFields(form)
  const { identity, lengthRange } = checkPolicy(fields, {
    bucket,
    accounts: service.accounts,
    region: service.region,
    now: service.now(),
  })
  if (identity.kind === 'anonymous') throw new S3Error('AccessDenied')
  await checkOwner(bucket, identity.accessKeyId, service.vault, request.signal)
  const key = keyFrom(fields)
  const headers = headersFrom(fields)
  await using file = await readFile(form, lengthRange)
  await skip(source, maxBehind)
  const put = await putObject(
    {
      ...request,
      key,
      query: new Map(),
      headers: { ...headers, 'content-length': String(file.size) },
      identity,
      payload: { kind: 'unsigned' },
      body: file.stream(),
    },
    service,
  )
  return success(request, service, key, fields, put)
}

/** By lower-case name, up to the file. @throws S3Error InvalidArgument where there is none, or a field comes twice */
async function readFields(form: FormReader): Promise<Fields> {
  const fields = new Map<string, string>()
  for (;;) {
    const part = await form.next()
    if (!part)
      throw invalidArgument('file', '0', 'POST requires exactly one file upload per request.')
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

async function readFile(form: FormReader, range: CheckedPolicy['lengthRange']): Promise<Spool> {
  const max = Math.min(range?.max ?? MAX_WRITE, MAX_WRITE)
  const min = range?.min ?? 0
  const file = new Spool()
  try {
    for await (const piece of form.bytes()) {
      await file.add(piece)
      if (file.size > max)
        throw new S3Error('EntityTooLarge', {
          extra: { ProposedSize: String(file.size), MaxSizeAllowed: String(max) },
        })
    }
    if (file.size < min)
      throw new S3Error('EntityTooSmall', {
        message: 'Your proposed upload is smaller than the minimum allowed size',
        extra: { ProposedSize: String(file.size), MinSizeAllowed: String(min) },
      })
    return file
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error
  }
}

/** Takes what is behind the file, so that the connection can be kept. */
async function skip(source: AsyncIterator<Uint8Array>, most: number): Promise<void> {
  for (let bytes = 0; bytes <= most;) {
    const step = await source.next()
    if (step.done === true) return
    bytes += step.value.length
  }
}

function keyFrom(fields: Fields): string {
  const key = fields.get('key')
  if (key === undefined || key === '')
    throw invalidArgument(
      'key',
      '',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )
  const size = Buffer.byteLength(key)
  if (size > maxKeyBytes)
    throw new S3Error('KeyTooLongError', {
      extra: { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) },
    })
  return key
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
function headersFrom(fields: Fields): Record<string, string> {
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

function success(
  { headers, rawPath, bucket = '' }: S3Request,
  { scheme }: FormService,
  key: string,
  fields: Fields,
  put: Answer,
): Answer {
  const etag = put.headers?.['etag'] ?? ''
  const location = `${scheme}://${headers['host'] ?? ''}${rawPath.replace(/\/$/, '')}/${encodeKey(key)}`
  const redirect = redirection(fields, { bucket, key, etag })
  if (redirect !== undefined)
    return { status: 303, headers: { ...put.headers, location: redirect } }
  const answered = { ...put.headers, location }
  const status = fields.get('success_action_status')
  if (status === '200') return { status: 200, headers: answered }
  if (status !== '201') return { status: 204, headers: answered }
  const body = bareXmlDocument(
    'PostResponse',
    xmlText('Location', location),
    xmlText('Bucket', bucket),
    xmlText('Key', key),
    xmlText('ETag', etag),
  )
  return { status: 201, headers: answered, body }
}

/** Undefined where there is none, or it is no address. */
function redirection(
  fields: Fields,
  told: Readonly<Record<'bucket' | 'key' | 'etag', string>>,
): string | undefined {
  const text = fields.get('success_action_redirect') ?? fields.get('redirect')
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  for (const [name, value] of Object.entries(told)) url.searchParams.append(name, value)
  return url.href
}
