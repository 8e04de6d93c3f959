// Text in headers and back: as encoded words where it is not ASCII; some clients send UTF-8 as it is.
import { decodeWords, encodeWord, isEncodedWords, utf8 } from '../../wire/encoded-words.ts'
import { invalidArgument } from './arguments.ts'

/** @param value as HTTP gives it: one character a byte */
export function decodeHeaderText(value: string): string {
  if (isEncodedWords(value)) return decodeWords(value)
  return isBytes(value) ? (utf8(Buffer.from(value, 'latin1')) ?? value) : value
}

/** ASCII is returned as it is, but for what a header cannot hold, or what would be taken for an encoded word. */
export function encodeHeaderText(text: string): string {
  const isPlain = /^(?:[!-~](?:[\t -~]*[!-~])?)?$/.test(text) && !isEncodedWords(text)
  return isPlain ? text : encodeWord(text)
}

/** @throws S3Error InvalidArgument for what no header can hold */
export function checkHeaderValue(name: string, value: string): string {
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value))
    throw invalidArgument(name, value, 'Header value cannot be represented using ISO-8859-1.')
  return value
}

/** Whether some character stands for a byte of another text: not in ASCII, nor where the text is decoded already. */
function isBytes(text: string): boolean {
  return /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text)
}
