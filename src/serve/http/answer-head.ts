// The head of an answer as text: status line, headers, and the time.
import { STATUS_CODES } from 'node:http'

/**
 * @param headers names and values in turn
 * @throws Error where a name or a value cannot be sent: it would become another header, or the body
 */
export function answerHead(status: number, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (!token.test(name) || unsendable.test(value))
      throw new Error(`the header ${JSON.stringify(name)} cannot be sent`)
    text += `${name}: ${value}\r\n`
  }
  return `${text}Date: ${date()}\r\n\r\n`
}

const token = /^[\w!#$%&'*+\-.^`|~]+$/
const unsendable = /[^\t\x20-\x7e\x80-\xff]/

let dated = ''
let second = NaN

/** Made once a second. */
function date(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    dated = new Date(now * 1000).toUTCString()
  }
  return dated
}
