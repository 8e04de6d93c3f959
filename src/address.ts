// Addresses as people type them: what they mean, before anything is opened.
import { lstatSync } from 'node:fs'
import { HawserError } from './core/errors.ts'
import { type Key, toKey } from './core/key.ts'

export type Address =
  /** A path as it was given; relative ones are relative to the working directory. */
  | { readonly scheme: 'file'; readonly path: string }
  /** The bucket is empty for the service as a whole. */
  | { readonly scheme: 's3'; readonly bucket: string; readonly key: Key }
  /** `-`: standard input or output. */
  | { readonly scheme: 'stream' }

export interface AddressOptions {
  /** Whether a local name exists; it decides what `a:b` means. */
  readonly exists?: ((path: string) => boolean) | undefined
}

const planned = new Set(['direct', 'az', 'azure', 'gs', 'gcs', 'sftp', 'ssh', 'https'])

/**
 * Reads an address. An S3 key is everything after the bucket, byte for byte: nothing is decoded, `?`, `#` and `*` stand
 * for themselves. A `file://` address is percent-decoded.
 * @throws HawserError invalid-argument; unsupported for what is not built yet
 */
export function parseAddress(text: string, options: AddressOptions = {}): Address {
  if (text === '') throw refused('an address is empty')
  if (!text.isWellFormed() || text.includes('\0'))
    throw refused(`not a valid address: ${JSON.stringify(text)}`)
  if (text === '-') return { scheme: 'stream' }
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text)
  if (match) return parseUrl(text, match[1]?.toLowerCase() ?? '', match[2] ?? '')
  if (namesRemote(text) && !(options.exists ?? existsLocally)(text)) throw remoteRefused(text)
  return { scheme: 'file', path: text }
}

/** Whether it is on this machine: a path, or what comes in or goes out. @throws HawserError as parseAddress */
export function isHere(text: string): boolean {
  const { scheme } = parseAddress(text)
  return scheme === 'file' || scheme === 'stream'
}

/** The address, meant as a tree: so that a missing directory is one, and `models` does not take `models-old` along. */
export function treeAddress(text: string): string {
  return text === '' || text === '-' || text.endsWith('/') ? text : `${text}/`
}

function parseUrl(text: string, scheme: string, rest: string): Address {
  if (scheme === 's3') return parseS3(text, rest)
  if (scheme === 'file') return { scheme: 'file', path: filePath(text, rest) }
  if (planned.has(scheme))
    throw new HawserError('unsupported', `${scheme}:// addresses are not supported yet`, {
      op: 'address',
      hint: 'Supported now: local paths, file:// and s3://.',
    })
  throw refused(
    `unknown kind of address: ${scheme}://`,
    'Known are local paths, file:///path and s3://bucket/key.',
  )
}

function parseS3(text: string, rest: string): Address {
  const slash = rest.indexOf('/')
  const bucket = slash < 0 ? rest : rest.slice(0, slash)
  const key = slash < 0 ? '' : rest.slice(slash + 1)
  // What a host name or a path could misread is refused here; which names are allowed, the service decides.
  if (bucket === '' ? rest !== '' : !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(bucket))
    throw refused(
      `not a valid bucket name in ${JSON.stringify(text)}`,
      'An address is s3://bucket/key; credentials are never part of it.',
    )
  return { scheme: 's3', bucket, key: toKey(key) }
}

function filePath(text: string, rest: string): string {
  const path = rest.replace(/^localhost(?=\/)/i, '')
  if (!path.startsWith('/'))
    throw refused(
      `a file address needs an absolute path: ${JSON.stringify(text)}`,
      'Write file:///absolute/path, or a plain path.',
    )
  const decoded = decode(path)
  if (decoded === undefined || decoded.includes('\0') || /%2f/i.test(path))
    throw refused(
      `not a valid file address: ${JSON.stringify(text)}`,
      'A % begins an escape in a file:// address: write %25 for it, or use a plain path.',
    )
  return process.platform === 'win32' ? decoded.replace(/^\/(?=[a-z]:)/i, '') : decoded
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** `user@host:path` and `NAME:path`: a colon before any slash. On Windows one letter is a drive. */
function namesRemote(text: string): boolean {
  const colon = text.search(/[:/\\]/)
  if (colon < 1 || text[colon] !== ':') return false
  return !(process.platform === 'win32' && colon === 1)
}

function existsLocally(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function remoteRefused(text: string): HawserError {
  const scheme = /^(s3|file):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined)
    return refused(
      `not a valid address: ${JSON.stringify(text)}`,
      scheme === 's3' ? 'Write s3://bucket/key.' : 'Write file:///absolute/path, or a plain path.',
    )
  const kind = text.slice(0, text.indexOf(':')).includes('@') ? 'user@host:path' : 'NAME:path'
  return new HawserError('unsupported', `${kind} addresses are not supported yet: ${text}`, {
    op: 'address',
    hint: `For a local name that contains a colon, write ./${text}`,
  })
}

function refused(message: string, hint?: string): HawserError {
  return new HawserError('invalid-argument', message, { op: 'address', hint })
}
