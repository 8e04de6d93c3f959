// Text in header values that is not ASCII: encoded words (RFC 2047), the form in which S3 takes user metadata, stores the
// text it means, and gives it back ("User-defined object metadata" in the Amazon S3 User Guide).

/** `=?UTF-8?B?…?=` */
export function encodeWord(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}

/** Whether a value is nothing but encoded words, in whatever charset. */
export function isEncodedWords(value: string): boolean {
  return value.includes('=?') && words.test(value)
}

/** The text that encoded words mean; a value of another form, in another charset than UTF-8, or that is not UTF-8, as it is. */
export function decodeWords(value: string): string {
  if (!isEncodedWords(value)) return value
  const bytes: Buffer[] = []
  for (const [, charset = '', encoding = '', text = ''] of value.matchAll(word)) {
    if (!/^(?:utf-8|us-ascii)$/i.test(charset)) return value
    bytes.push(/b/i.test(encoding) ? Buffer.from(text, 'base64') : quotedPrintable(text))
  }
  return utf8(Buffer.concat(bytes)) ?? value // joined first: a character may be split over two words
}

/** Undefined where the bytes are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const words = /^=\?[^?\s]+\?[BQbq]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[BQbq]\?[^?]*\?=)*$/
const word = /=\?([^?\s]+)\?([BQbq])\?([^?]*)\?=/g

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function quotedPrintable(text: string): Buffer {
  const characters = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(characters, 'latin1')
}
