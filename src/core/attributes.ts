// What a file has beside its bytes and that stores keep as user metadata, in rclone's spelling so that both tools agree.
// docs/metadata.md has the table.
import { crc64ToHex } from './digest.ts'

export interface Attributes {
  /** The source's modification time in nanoseconds since 1970. */
  readonly mtime?: bigint | undefined
  /** The whole `st_mode`: type and permission bits. */
  readonly mode?: number | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /**
   * The owner's name: what is restored where the machine knows it, and else the `uid`. A number that is nobody's name
   * stands for itself, as with chown.
   */
  readonly owner?: string | undefined
  /** The group's name, as with `owner`. */
  readonly group?: string | undefined
  /** Extended attributes, those that are users' own (`user.` on Linux), by their names without that. */
  readonly xattrs?: Xattrs | undefined
  /** Of an object that holds a file in compressed form, as its Content-Encoding says: the file that it holds. */
  readonly uncompressed?: Uncompressed | undefined
}

export type Xattrs = Readonly<Record<string, Uint8Array>>

export interface Uncompressed {
  readonly size: number
  readonly crc64nvme: bigint
}

const typeMask = 0o170000
const linkType = 0o120000

/** Whether the object stands for a symbolic link, whose target is its content. */
export function isLink(attributes: Attributes): boolean {
  return attributes.mode !== undefined && (attributes.mode & typeMask) === linkType
}

export function isSameXattrs(a: Xattrs, b: Xattrs): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [value, other] = [a[name], b[name]]
      return value !== undefined && other !== undefined && Buffer.compare(value, other) === 0
    })
  )
}

/** How one attribute is spelt, and read: undefined for what cannot be read, which then is metadata like any other. */
interface Spelling<T> {
  readonly name: string
  readonly write: (value: T) => string
  readonly read: (text: string) => T | undefined
}

/**
 * `mtime` is seconds with up to nine decimals, `mode` is octal, `uid` and `gid` are decimal; `uname` and `gname` are
 * what tar calls the names; `xattrs` is `name=value&name=value`, percent-encoded as in addresses; `uncompressed` is
 * `size=` in decimal, `&crc64nvme=` in hexadecimal digits.
 */
const spellings: { readonly [K in keyof Attributes]-?: Spelling<NonNullable<Attributes[K]>> } = {
  mtime: { name: 'mtime', write: secondsText, read: parseSeconds },
  mode: { name: 'mode', write: (mode) => mode.toString(8), read: parseMode },
  uid: { name: 'uid', write: String, read: parseId },
  gid: { name: 'gid', write: String, read: parseId },
  owner: { name: 'uname', write: (name) => name, read: parseName },
  group: { name: 'gname', write: (name) => name, read: parseName },
  xattrs: { name: 'xattrs', write: pairsText, read: parsePairs },
  uncompressed: { name: 'uncompressed', write: uncompressedText, read: parseUncompressed },
}

export function attributesToMetadata(attributes: Attributes): Record<string, string> {
  const metadata: Record<string, string> = {}
  function write<T>({ name, write: text }: Spelling<T>, value: T | undefined): void {
    if (value !== undefined) metadata[name] = text(value)
  }
  write(spellings.mtime, attributes.mtime)
  write(spellings.mode, attributes.mode)
  write(spellings.uid, attributes.uid)
  write(spellings.gid, attributes.gid)
  write(spellings.owner, attributes.owner)
  write(spellings.group, attributes.group)
  write(spellings.xattrs, attributes.xattrs)
  write(spellings.uncompressed, attributes.uncompressed)
  return metadata
}

/** Whether metadata of this name is an attribute. */
export function isAttributeName(name: string): boolean {
  return Object.values(spellings).some((spelling) => spelling.name === name)
}

export interface SplitMetadata {
  readonly attributes: Attributes
  /** What is there beside the attributes. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Reads what other tools may have written too. What cannot be read stays as plain metadata. */
export function attributesFromMetadata(all: Readonly<Record<string, string>>): SplitMetadata {
  const metadata = { ...all }
  function read<T>({ name, read: parse }: Spelling<T>): T | undefined {
    const text = Object.hasOwn(metadata, name) ? metadata[name] : undefined
    const value = text === undefined ? undefined : parse(text)
    if (value !== undefined) delete metadata[name]
    return value
  }
  const attributes = {
    mtime: read(spellings.mtime),
    mode: read(spellings.mode),
    uid: read(spellings.uid),
    gid: read(spellings.gid),
    owner: read(spellings.owner),
    group: read(spellings.group),
    xattrs: read(spellings.xattrs),
    uncompressed: read(spellings.uncompressed),
  }
  return { attributes, metadata }
}

const second = 1_000_000_000n

function secondsText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : ''
  const positive = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = (positive % second).toString().padStart(9, '0').replace(/0+$/, '')
  return `${sign}${positive / second}${fraction ? '.' : ''}${fraction}`
}

function parseSeconds(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const value = BigInt(whole) * second + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return sign ? -value : value
}

function parseMode(text: string): number | undefined {
  return /^[0-7]{1,7}$/.test(text) ? Number.parseInt(text, 8) : undefined
}

/** The highest number means "leave it as it is" to the system, and is nobody's. */
function parseId(text: string): number | undefined {
  const id = /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined
  return id !== undefined && id < 2 ** 32 - 1 ? id : undefined
}

/** As names of users and groups can be in /etc/passwd. */
function parseName(text: string): string | undefined {
  return /^[^\p{Cc}:]{1,256}$/u.test(text) ? text : undefined
}

function pairsText(xattrs: Xattrs): string {
  return Object.entries(xattrs)
    .map(([name, value]) => `${percentEncode(Buffer.from(name))}=${percentEncode(value)}`)
    .toSorted()
    .join('&')
}

/** Only what is written just as here: a text that means the same but looks otherwise would not come back as it was. */
function parsePairs(text: string): Record<string, Uint8Array> | undefined {
  const xattrs = new Map<string, Uint8Array>()
  for (const pair of text === '' ? [] : text.split('&')) {
    const [name = '', value, ...more] = pair.split('=')
    if (name === '' || value === undefined || more.length > 0) return undefined
    xattrs.set(Buffer.from(percentDecode(name)).toString(), percentDecode(value))
  }
  const read = Object.fromEntries(xattrs)
  return pairsText(read) === text ? read : undefined
}

function uncompressedText({ size, crc64nvme }: Uncompressed): string {
  return `size=${size}&crc64nvme=${crc64ToHex(crc64nvme)}`
}

function parseUncompressed(text: string): Uncompressed | undefined {
  const [, size, crc] = /^size=(0|[1-9]\d{0,15})&crc64nvme=([0-9a-f]{16})$/.exec(text) ?? []
  if (size === undefined || crc === undefined || !Number.isSafeInteger(Number(size)))
    return undefined
  return { size: Number(size), crc64nvme: BigInt(`0x${crc}`) }
}

/** Bytes as printable ASCII: RFC 3986's unreserved characters, and `/` and `:`, stand for themselves. */
function percentEncode(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCodePoint(byte)
    text += /[\w.~:/-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}

function percentDecode(text: string): Uint8Array {
  const decoded = text.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )
  return Uint8Array.from(Buffer.from(decoded, 'latin1'))
}
