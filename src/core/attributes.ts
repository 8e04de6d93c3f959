// What a file has beside its bytes and that stores keep as user metadata, in rclone's spelling so that both tools agree.

export interface Attributes {
  /** The source's modification time in nanoseconds since 1970. */
  readonly mtime?: bigint | undefined
  /** The whole `st_mode`: type and permission bits. */
  readonly mode?: number | undefined
}

const typeMask = 0o170000
const linkType = 0o120000

/** Whether the object stands for a symbolic link, whose target is its content. */
export function isLink(attributes: Attributes): boolean {
  return attributes.mode !== undefined && (attributes.mode & typeMask) === linkType
}

/** `mtime` is seconds with up to nine decimals, `mode` is octal. */
export function attributesToMetadata(attributes: Attributes): Record<string, string> {
  const metadata: Record<string, string> = {}
  if (attributes.mtime !== undefined) metadata['mtime'] = secondsText(attributes.mtime)
  if (attributes.mode !== undefined) metadata['mode'] = attributes.mode.toString(8)
  return metadata
}

/** Reads what other tools may have written too; what cannot be read is left out. */
export function attributesFromMetadata(metadata: Readonly<Record<string, string>>): Attributes {
  return { mtime: parseSeconds(metadata['mtime']), mode: parseMode(metadata['mode']) }
}

const second = 1_000_000_000n

function secondsText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : ''
  const positive = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = (positive % second).toString().padStart(9, '0').replace(/0+$/, '')
  return `${sign}${positive / second}${fraction ? '.' : ''}${fraction}`
}

function parseSeconds(text: string | undefined): bigint | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text ?? '')
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const value = BigInt(whole) * second + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return sign ? -value : value
}

function parseMode(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-7]{1,7}$/.test(text) ? Number.parseInt(text, 8) : undefined
}
