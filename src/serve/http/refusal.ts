// A refusal as an answer: S3's error document.
import { bareXmlDocument, xmlText } from '../../wire/xml.ts'
import type { S3Error } from '../errors.ts'
import type { Answer } from './types.ts'

export function refusal(error: S3Error, resource: string, id: string): Answer {
  if (error.status === 304) return { status: 304, headers: error.headers }
  return { status: error.status, headers: error.headers, body: errorXml(error, resource, id) }
}

export function errorXml(error: S3Error, resource: string, id: string): string {
  const extra = Object.entries(error.extra).map(([name, text]) => xmlText(name, text))
  return bareXmlDocument(
    'Error',
    xmlText('Code', error.code),
    xmlText('Message', error.message),
    ...extra,
    xmlText('Resource', resource),
    xmlText('RequestId', id),
  )
}
