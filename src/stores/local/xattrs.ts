// Extended attributes, which Node has no calls for: the system library's own, through koffi, loaded when they are needed.
// Only users' own (`user.`): the others are the system's, and only root may set them.
//
// On macOS nothing but a prefix tells users' own, so there too the names begin with `user.`. Untested there.
import type { Xattrs } from '../../core/attributes.ts'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { localError } from './errors.ts'

/** Of the system: what has the path itself, never what a link points to; and what is open. */
interface Calls {
  list(path: string, into: Uint8Array): number
  get(path: string, name: Uint8Array, into: Uint8Array): number
  listOpen(file: number, into: Uint8Array): number
  setOpen(file: number, name: Uint8Array, value: Uint8Array): number
  removeOpen(file: number, name: Uint8Array): number
  /** Why the last call gave -1, by name. */
  errno(): string
}

const namespace = 'user.'

/** Bytes: the longest value, and the longest list of names, that Linux knows. */
const longest = 65_536

/** @throws HawserError unsupported; local-io */
export async function readXattrs(path: string, details: ErrorDetails): Promise<Xattrs> {
  const calls = await systemCalls(details)
  const buffer = Buffer.alloc(longest)
  const pairs: [string, Uint8Array][] = []
  for (const name of namesIn(buffer, calls.list(path, buffer), calls, details)) {
    const length = calls.get(path, attribute(name), buffer)
    if (length >= 0) pairs.push([name, new Uint8Array(buffer.subarray(0, length))])
    // ENODATA and ENOATTR: it went meanwhile.
    else if (!/^(?:ENODATA|ENOATTR)$/.test(calls.errno())) throw failed(calls, name, details)
  }
  return Object.fromEntries(pairs)
}

/** Makes them those that the file has: others go. @throws HawserError unsupported; local-io */
export async function writeXattrs(
  file: { readonly fd: number },
  xattrs: Xattrs,
  details: ErrorDetails,
): Promise<void> {
  const calls = await systemCalls(details)
  const buffer = Buffer.alloc(longest)
  const present = namesIn(buffer, calls.listOpen(file.fd, buffer), calls, details)
  for (const name of present)
    if (!Object.hasOwn(xattrs, name) && calls.removeOpen(file.fd, attribute(name)) < 0)
      throw failed(calls, name, details)
  for (const [name, value] of Object.entries(xattrs))
    if (calls.setOpen(file.fd, attribute(name), value) < 0) throw failed(calls, name, details)
}

function attribute(name: string): Uint8Array {
  return Buffer.from(`${namespace}${name}\0`)
}

/** The names of users' own in a list that the system wrote, without their namespace. */
function namesIn(
  list: Buffer,
  length: number,
  calls: Calls,
  details: ErrorDetails,
): readonly string[] {
  if (length < 0) {
    // A file system without them has none.
    if (/^(?:ENOTSUP|EOPNOTSUPP)$/.test(calls.errno())) return []
    throw failed(calls, undefined, details)
  }
  const found: string[] = []
  for (let at = 0; at < length;) {
    const end = list.indexOf(0, at)
    const bytes = list.subarray(at, end < 0 ? length : end)
    at += bytes.length + 1
    const name = bytes.toString()
    if (!name.startsWith(namespace) || name === namespace) continue
    if (!Buffer.from(name).equals(bytes))
      throw new HawserError('unsupported', 'an extended attribute whose name is not UTF-8', details)
    found.push(name.slice(namespace.length))
  }
  return found
}

function failed(calls: Calls, name: string | undefined, details: ErrorDetails): unknown {
  const errno = calls.errno()
  const what =
    name === undefined
      ? 'the extended attributes'
      : `the extended attribute ${JSON.stringify(name)}`
  if (errno === 'ENOTSUP' || errno === 'EOPNOTSUPP')
    return unsupported('this file system keeps no extended attributes', details)
  if (errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'E2BIG' || errno === 'ERANGE')
    return unsupported(`${what}: larger than this file system keeps`, details)
  const cause = Object.assign(new Error(`${what}: ${errno}`), { code: errno, syscall: 'xattr' })
  return localError(cause, details)
}

export function unsupported(message: string, details: ErrorDetails): HawserError {
  return new HawserError('unsupported', message, { ...details, hint: 'Leave out --xattrs.' })
}

let loaded: Promise<Calls> | undefined

async function systemCalls(details: ErrorDetails): Promise<Calls> {
  if (process.platform !== 'linux' && process.platform !== 'darwin')
    throw unsupported('there are no extended attributes on this system', details)
  try {
    loaded ??= loadCalls(process.platform === 'darwin')
    return await loaded
  } catch (error) {
    throw new HawserError('unsupported', 'extended attributes need the package koffi', {
      ...details,
      hint: 'Install it beside hawser with: npm install koffi. Or leave out --xattrs.',
      cause: error,
    })
  }
}

/** In koffi's words; the types are its promise, as a declaration of C is. */
async function loadCalls(isMac: boolean): Promise<Calls> {
  const { default: koffi } = await import('koffi')
  const library = koffi.load(null)
  const names = new Map(Object.entries(koffi.os.errno).map(([name, code]) => [code, name]))
  const errno = (): string => names.get(koffi.errno()) ?? `error ${koffi.errno()}`
  const call = (signature: string): ((...given: readonly unknown[]) => number) => {
    const native = library.func(signature)
    return (...given) => Number(native(...given))
  }
  // Offsets and flags that Linux has no words for come last there, and are nothing here.
  const more = isMac ? ', uint32_t position, int options' : ''
  const flags = isMac ? ', int options' : ''
  const noFollow = 1
  const at = isMac ? [0, noFollow] : []
  const open = isMac ? [0, 0] : []
  const list = call(
    `intptr_t ${isMac ? '' : 'l'}listxattr(const char *path, _Out_ uint8_t *list, size_t size${flags})`,
  )
  const get = call(
    `intptr_t ${isMac ? '' : 'l'}getxattr(const char *path, const uint8_t *name, _Out_ uint8_t *value, size_t size${more})`,
  )
  const listOpen = call(`intptr_t flistxattr(int fd, _Out_ uint8_t *list, size_t size${flags})`)
  const setOpen = call(
    `int fsetxattr(int fd, const uint8_t *name, const uint8_t *value, size_t size${isMac ? more : ', int flags'})`,
  )
  const removeOpen = call(`int fremovexattr(int fd, const uint8_t *name${flags})`)
  return {
    list: (path, into) => list(path, into, into.length, ...at.slice(1)),
    get: (path, name, into) => get(path, name, into, into.length, ...at),
    listOpen: (file, into) => listOpen(file, into, into.length, ...open.slice(1)),
    setOpen: (file, name, value) =>
      setOpen(file, name, value, value.length, ...(isMac ? open : [0])),
    removeOpen: (file, name) => removeOpen(file, name, ...open.slice(1)),
    errno,
  }
}
