// Parses the head of an HTTP/1.1 answer: status line and header fields (RFC 9112 §4, §5). Small and strict: what it
// does not understand exactly it refuses, since a head read wrongly puts the wrong bytes into an object.

/** The longest head that is taken. */
export const MAX_HEAD: number = 64 * 1024

export interface Head {
  readonly status: number
  /** Lower-case names; the values of a repeated field are joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>
  /** The server will take another request on this connection. */
  readonly persistent: boolean
  /** How many bytes the head takes, with the empty line at its end. */
  readonly bytes: number
}

/** Where the body ends: after so many bytes, or where only a full HTTP client can tell. */
export type Framing =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'other' }

export class MalformedHead extends Error {
  override readonly name = 'MalformedHead'
}

/**
 * The head at the start of `bytes`, or undefined while its end has not arrived.
 * @throws MalformedHead
 */
export function parseHead(bytes: Buffer): Head | undefined {
  const end = bytes.subarray(0, MAX_HEAD).indexOf('\r\n\r\n', 0, 'latin1')
  if (end < 0) {
    if (bytes.length >= MAX_HEAD) throw new MalformedHead(`a head of more than ${MAX_HEAD} bytes`)
    return undefined
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const { version, status } = parseStatusLine(first)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const { name, value } = parseField(line)
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  const persistent = version === '1.1' && !options(headers.get('connection')).includes('close')
  return { status, headers, persistent, bytes: end + 4 }
}

/**
 * How the body of an answer to a GET is framed (RFC 9112 §6.3).
 * @throws MalformedHead for a Content-Length that is no number, or that contradicts itself
 */
export function framing(head: Head): Framing {
  if (head.headers.has('transfer-encoding')) return { kind: 'other' }
  if (head.status === 204 || head.status === 304) return { kind: 'length', length: 0 }
  const field = head.headers.get('content-length')
  if (field === undefined) return { kind: 'other' }
  const [first = '', ...others] = options(field)
  const length = Number(first)
  if (!/^\d+$/.test(first) || !Number.isSafeInteger(length) || others.some((o) => o !== first))
    throw new MalformedHead('a Content-Length that is not one number')
  return { kind: 'length', length }
}

function parseStatusLine(line: string): { version: string; status: number } {
  const [, version, status] =
    /^HTTP\/(1\.[01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(line) ?? []
  if (version === undefined) throw new MalformedHead('not a status line of HTTP/1.1')
  return { version, status: Number(status) }
}

/** One field line. A line that continues the one before it (obs-fold) has no name, and is refused with the others. */
function parseField(line: string): { name: string; value: string } {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0))
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name))
    throw new MalformedHead('a header field without a valid name')
  const value = trimBlanks(line.slice(colon + 1))
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new MalformedHead(`control characters in the header field ${name}`)
  return { name: name.toLowerCase(), value }
}

/** Without spaces and tabs around; other white space is content. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The members of a comma-separated field, in lower case. */
function options(field: string | undefined): string[] {
  return field === undefined
    ? []
    : field.split(',').map((option) => trimBlanks(option).toLowerCase())
}
