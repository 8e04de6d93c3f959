// PostObject: an object from a browser's form. What the fields say is what the headers of a PutObject say.
//
// Rules: "POST Object" in the Amazon S3 API Reference.
import { encodeKey } from '../../wire/sigv4.ts'
import { xmlText, bareXmlDocument } from '../../wire/xml.ts'
import type { Accounts } from '../auth/accounts.ts'
import { checkPolicy, type CheckedPolicy } from '../auth/policy.ts'
import { PieceSource } from '../body/source.ts'
import { S3Error } from '../errors.ts'
import { boundaryOf, FormReader } from '../http/form-data.ts'
import { checkOwner } from '../http/owners.ts'
import type { Answer, S3Request, Service } from '../http/types.ts'
import { headersFrom, keyFrom, readFields, type Fields } from './form-fields.ts'
import { MAX_WRITE } from './limits.ts'
import { putObject } from './put.ts'
import { Spool } from './spool.ts'

/** What a form needs beside: its signature is in its fields. */
export interface FormService extends Service {
  readonly accounts: Accounts
  readonly scheme: 'http' | 'https'
  /** Milliseconds in which the fields of a form have to come: only behind them is it known who sends it. */
  readonly fieldsTimeout: number
}

/** S3: the form without its file. */
const maxForm = 20 * 1024
/** What may follow the file: nobody looks at it. */
const maxBehind = 64 * 1024

export async function postObject(request: S3Request, service: FormService): Promise<Answer> {
  const bucket = request.bucket ?? ''
  const source = request.body.pieces()[Symbol.asyncIterator]()
  const form = new FormReader(source, boundaryOf(request.headers['content-type']), maxForm)
  const fields = await inTime(request, service.fieldsTimeout, () => readFields(form))
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
      body: new PieceSource(file.stream()),
    },
    service,
  )
  return success(request, service, key, fields, put)
}

/** Whoever is too slow is left: the request's body ends with RequestTimeout. */
async function inTime<T>(
  { body }: S3Request,
  milliseconds: number,
  task: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => body.stop(new S3Error('RequestTimeout')), milliseconds)
  try {
    return await task()
  } finally {
    clearTimeout(timer)
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
