// Parses the head of a request: request line and header fields (RFC 9112 §3, §5). Strict: what two programs could
// understand in two ways is refused, since whatever is between them and the client may understand the other.
import { S3Error } from '../errors.ts'

/** How long a request's body is, or that it comes in chunks. */
export type Framing = number | 'chunked'

export interface MessageHead {
  readonly method: string
  readonly target: string
  /** By lower-case names; those that come again are joined by a comma, as Node does. Without a prototype. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly framing: Framing
  /** HTTP/1.1: it takes a body whose length is not known beforehand. */
  readonly modern: boolean
  /** Whether the client wants to send another request on this connection. */
  readonly persistent: boolean
  /** Whether the client waits to be told that it may send the body (`Expect: 100-continue`). */
  readonly waits: boolean
  /** How many bytes the head takes, with the empty line at its end. */
  readonly bytes: number
}

/** As Node has it. */
const maxFields = 2000
const blankLine: Buffer = Buffer.from('\r\n\r\n')

/**
 * The head at the start of the input, or undefined while its end has not come.
 * @param limit of its bytes
 * @throws S3Error BadRequest, RequestHeaderSectionTooLarge
 */
export function parseHead(input: Buffer, limit: number): MessageHead | undefined {
  // One empty line ahead: RFC 9112, 2.2.
  const start = input[0] === 0x0d && input[1] === 0x0a ? 2 : 0
  const end = input.indexOf(blankLine, start)
  if (end === -1 ? input.length - start >= limit : end + 4 - start > limit)
    throw new S3Error('RequestHeaderSectionTooLarge')
  if (end === -1) {
    if (
      impure.test(
        input.toString('latin1', start, input.at(-1) === 0x0d ? input.length - 1 : input.length),
      )
    )
      refuse()
    return undefined
  }
  const text = input.toString('latin1', start, end)
  if (impure.test(text)) refuse()
  const firstEnd = text.indexOf('\r\n')
  const [, method, target, minor] =
    requestLine.exec(firstEnd === -1 ? text : text.slice(0, firstEnd)) ?? []
  if (method === undefined || target === undefined) refuse()
  const headers = firstEnd === -1 ? emptyHeaders() : fields(text, firstEnd + 2, input, start)
  const modern = minor === '1'
  if (modern && headers['host'] === undefined) refuse()
  return {
    method: methods.get(method) ?? method,
    // What is kept for long is no part of a larger string.
    target: input.toString(
      'latin1',
      start + method.length + 1,
      start + method.length + 1 + target.length,
    ),
    headers,
    framing: framingOf(headers, modern),
    modern,
    persistent: isPersistent(headers['connection'], modern),
    waits: waits(headers['expect'], modern),
    bytes: end + 4,
  }
}

/** Control characters, and line ends that are halves. */
// oxlint-disable-next-line no-control-regex -- it is they that are looked for
const impure = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const requestLine = /^([\w!#$%&'*+\-.^`|~]+) ([!-~\x80-\xff]+) HTTP\/1\.([01])$/
const token = /^[\w!#$%&'*+\-.^`|~]+$/

/** So that every request has the same string for it. */
const methods: ReadonlyMap<string, string> = new Map(
  ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'].map((name) => [name, name]),
)

/** There is no telling which one is meant. */
const once: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'expect',
  'host',
  'transfer-encoding',
])
/** The first one holds, as in Node. */
const first: ReadonlySet<string> = new Set([
  'content-type',
  'etag',
  'expires',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'user-agent',
])
/** Have no meaning in requests, and none here. */
const ignored: ReadonlySet<string> = new Set(['set-cookie'])

function emptyHeaders(): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  return headers
}

/** @param text of which the field lines begin at `from`; the same bytes lie in the input behind `offset` */
function fields(text: string, from: number, input: Buffer, offset: number): Record<string, string> {
  const headers = emptyHeaders()
  let count = 0
  for (let at = from; at <= text.length;) {
    const next = text.indexOf('\r\n', at)
    const end = next === -1 ? text.length : next
    if (++count > maxFields) throw new S3Error('RequestHeaderSectionTooLarge')
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon > end) refuse()
    const name = text.slice(at, colon).toLowerCase()
    // A line that continues the one before it, and a space in front of the colon, are no names.
    if (!token.test(name)) refuse()
    const value = trimmed(text, colon + 1, end, input, offset)
    const earlier = headers[name]
    if (earlier === undefined) {
      if (!ignored.has(name)) headers[name] = value
    } else if (once.has(name)) refuse()
    else if (!first.has(name))
      headers[name] = `${earlier}${name === 'cookie' ? '; ' : ', '}${value}`
    at = end + 2
  }
  return headers
}

/** Without spaces and tabs around. */
function trimmed(text: string, from: number, to: number, input: Buffer, offset: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  // What is kept for long is no part of a larger string; V8 copies short ones anyway.
  return end - start < 13
    ? text.slice(start, end)
    : input.toString('latin1', offset + start, offset + end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function framingOf(headers: MessageHead['headers'], modern: boolean): Framing {
  const length = headers['content-length']
  const encoding = headers['transfer-encoding']
  if (encoding !== undefined) {
    if (length !== undefined || !modern || encoding.toLowerCase() !== 'chunked') refuse()
    return 'chunked'
  }
  if (length === undefined) return 0
  const bytes = Number(length)
  if (!/^\d+$/.test(length) || !Number.isSafeInteger(bytes)) refuse()
  return bytes
}

function isPersistent(connection: string | undefined, modern: boolean): boolean {
  if (connection === undefined) return modern
  const options = connection.split(',').map((option) => option.trim().toLowerCase())
  return !options.includes('close') && (modern || options.includes('keep-alive'))
}

function waits(expect: string | undefined, modern: boolean): boolean {
  if (expect === undefined || !modern) return false
  if (expect.toLowerCase() !== '100-continue') refuse()
  return true
}

function refuse(): never {
  throw new S3Error('BadRequest')
}
