// Common prefixes: what keys are grouped by in a listing with a delimiter.

export interface Grouping {
  readonly prefix: string
  readonly delimiter: string
}

/** The prefix that the key goes into: up to and with the first delimiter after the listing's own prefix. */
export function commonPrefix(key: string, { prefix, delimiter }: Grouping): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}

/** As far as a text can lead behind all keys of a common prefix; the few that come after it begin with the prefix, too. */
export function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}`
}
