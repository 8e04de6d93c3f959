// Takes an address apart that may be a pattern: into what can be opened, and what is looked for there.
import { lstatSync } from 'node:fs'
import { parseAddress } from '../address.ts'
import { splitGlob } from './glob.ts'
import type { Pattern } from './pattern.ts'
import { regexPattern } from './regex.ts'

export interface PatternOptions {
  /** Every character stands for itself. */
  readonly literal?: boolean | undefined
  /** A regular expression that the whole name below the address has to fit; the address stands for itself. */
  readonly regex?: string | undefined
}

export interface SplitAddress {
  /** Without a pattern, what is meant; else the tree that the pattern's names are below. */
  readonly address: string
  readonly pattern: Pattern | undefined
}

/**
 * A local path that exists is what it is, and so is a `file://` address, which has escapes of its own.
 * @throws HawserError invalid-argument, unsupported
 */
export function splitAddress(text: string, options: PatternOptions = {}): SplitAddress {
  const parsed = parseAddress(text)
  if (options.regex !== undefined) return { address: text, pattern: regexPattern(options.regex) }
  if (options.literal || parsed.scheme === 'stream' || /^file:/i.test(text))
    return { address: text, pattern: undefined }
  if (parsed.scheme === 's3') {
    const { base, pattern } = splitGlob(parsed.key)
    const same = pattern === undefined && base === parsed.key
    return { address: same ? text : `s3://${parsed.bucket}/${base}`, pattern }
  }
  if (existsLocally(parsed.path)) return { address: text, pattern: undefined }
  const { base, pattern } = splitGlob(withSlashes(parsed.path))
  return { address: pattern && base === '' ? './' : base, pattern }
}

/** On Windows a backslash is a slash, and no name has a wildcard in it that it could be in front of. */
function withSlashes(path: string): string {
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path
}

function existsLocally(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}
