// What is answered to what is no HTTP, or too much of it: the connection is closed behind it.
import type { S3Error } from '../errors.ts'
import { answerHead } from './answer-head.ts'
import { errorXml } from './refusal.ts'

export function refusalText(error: S3Error, id: string): string {
  const body = errorXml(error, '/', id)
  const head = answerHead(error.status, [
    'Server',
    'Hawser',
    'x-amz-request-id',
    id,
    'Content-Type',
    'application/xml',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Connection',
    'close',
  ])
  return head + body
}
