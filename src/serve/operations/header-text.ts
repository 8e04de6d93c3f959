// Text in headers and back.
//
// Text that is not ASCII travels as encoded words (RFC 2047): decoded before it is stored, and encoded again when it is
// returned ("User-defined object metadata" in the Amazon S3 User Guide). Some clients send UTF-8 as it is.
import { invalidArgument } from './arguments.ts'

/** @param value as HTTP gives it: one character a byte */
export function decodeHeaderText(value: string): string {
  if (value.includes('=?') && words.test(value)) return decodeWords(value)
  return isBytes(value) ? (utf8(Buffer.from(value, 'latin1')) ?? value) : value
}

/** ASCII is returned as it is, but for what a header cannot hold, or what would be taken for an encoded word. */
export function encodeHeaderText(text: string): string {
  if (/^(?:[!-~](?:[\t -~]*[!-~])?)?$/.test(text) && !(text.includes('=?') && words.test(text)))
    return text
  return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}

/** @throws S3Error InvalidArgument for what no header can hold */
export function checkHeaderValue(name: string, value: string): string {
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value))
    throw invalidArgument(name, value, 'Header value cannot be represented using ISO-8859-1.')
  return value
}

const words = /^=\?[^?\s]+\?[BQbq]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[BQbq]\?[^?]*\?=)*$/
const word = /=\?([^?\s]+)\?([BQbq])\?([^?]*)\?=/g

/** Words in another charset than UTF-8, or that are not UTF-8, stay as they are. */
function decodeWords(value: string): string {
  const bytes: Buffer[] = []
  for (const [, charset = '', encoding = '', text = ''] of value.matchAll(word)) {
    if (!/^(?:utf-8|us-ascii)$/i.test(charset)) return value
    bytes.push(/b/i.test(encoding) ? Buffer.from(text, 'base64') : quotedPrintable(text))
  }
  return utf8(Buffer.concat(bytes)) ?? value // joined first: a character may be split over two words
}

function quotedPrintable(text: string): Buffer {
  const characters = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(characters, 'latin1')
}

/** Whether some character stands for a byte of another text: not in ASCII, nor where the text is decoded already. */
function isBytes(text: string): boolean {
  return /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
