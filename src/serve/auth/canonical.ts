// A request's path and query as they are signed: each byte decoded, and encoded once again in the one canonical way.
//
// Rule: "Create a canonical request" in the Amazon S3 API Reference. What is sent in canonical form is kept as it is.

const canonicalPathText = /^[\w\-.~/]*$/
const pathByte = /%([0-9a-fA-F]{2})|[^\w\-.~/]/g
const canonicalQueryText = /^[\w\-.~]*$/
const queryByte = /%([0-9a-fA-F]{2})|[^\w\-.~]/g
const unreserved = /[\w\-.~]/

/** @param raw As it came in the request line, one character for each byte */
export function canonicalPath(raw: string): string {
  if (canonicalPathText.test(raw)) return raw
  return raw.replaceAll(pathByte, (text, hex: string | undefined) =>
    // An encoded slash is one, as in every key.
    hex === '2F' || hex === '2f' ? '/' : encoded(text, hex),
  )
}

/** @param raw As it came in the request line, one character for each byte @param omit Encoded name that is not signed */
export function canonicalRawQuery(raw: string, omit?: string): string {
  if (raw === '') return ''
  const pairs: (readonly [string, string])[] = []
  for (const text of raw.split('&')) {
    if (text === '') continue
    const equals = text.indexOf('=')
    const name = component(equals === -1 ? text : text.slice(0, equals))
    if (name === omit) continue
    pairs.push([name, equals === -1 ? '' : component(text.slice(equals + 1))])
  }
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : x > y ? 1 : 0) : a < b ? -1 : 1))
  let query = ''
  for (const [name, value] of pairs) query += `${query === '' ? '' : '&'}${name}=${value}`
  return query
}

function component(raw: string): string {
  if (canonicalQueryText.test(raw)) return raw
  return raw.replaceAll(queryByte, (text, hex: string | undefined) =>
    text === '+' ? '%20' : encoded(text, hex),
  )
}

function encoded(text: string, hex: string | undefined): string {
  const byte = hex === undefined ? text.charCodeAt(0) : Number.parseInt(hex, 16)
  const character = String.fromCharCode(byte)
  if (unreserved.test(character)) return character
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
