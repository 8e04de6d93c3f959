// PutBucketCors, GetBucketCors, DeleteBucketCors: which pages of other origins may use a bucket.
//
// Rules: "Elements of a CORS configuration" in the Amazon S3 User Guide.
import {
  MalformedXml,
  textOf,
  xmlDocument,
  xmlElement,
  xmlText,
  type XmlElement,
} from '../../wire/xml.ts'
import { S3Error } from '../errors.ts'
import type { Operation } from '../http/types.ts'
import type { CorsRule } from '../vault/types.ts'
import { bucketOf } from './arguments.ts'
import { fromXml } from './xml.ts'

const maxRules = 100
const knownMethods: ReadonlySet<string> = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])

export const putBucketCors: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  const cors = await fromXml(request, 'CORSConfiguration', rulesFrom)
  await service.vault.buckets.update(bucket, { cors })
  return { status: 200 }
}

export const getBucketCors: Operation = async (request, service) => {
  const { name, cors } = await bucketOf(request, service)
  if (cors.length === 0)
    throw new S3Error('NoSuchCORSConfiguration', { extra: { BucketName: name } })
  return { status: 200, body: xmlDocument('CORSConfiguration', ...cors.map(ruleXml)) }
}

export const deleteBucketCors: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  await service.vault.buckets.update(bucket, { cors: [] })
  return { status: 204 }
}

function rulesFrom(root: XmlElement): readonly CorsRule[] {
  const rules = root.children.map((element) => {
    if (element.name !== 'CORSRule') throw new MalformedXml(`<${element.name}> is no rule`)
    return ruleFrom(element)
  })
  if (rules.length === 0) throw new MalformedXml('no rule')
  if (rules.length > maxRules)
    throw invalid(`The number of CORS rules should not exceed allowed limit of ${maxRules} rules.`)
  return rules
}

function ruleFrom(element: XmlElement): CorsRule {
  const rule: CorsRule = {
    id: textOf(element, 'ID'),
    origins: texts(element, 'AllowedOrigin'),
    methods: texts(element, 'AllowedMethod'),
    headers: texts(element, 'AllowedHeader'),
    exposed: texts(element, 'ExposeHeader'),
    maxAge: maxAgeOf(textOf(element, 'MaxAgeSeconds')),
  }
  if (rule.origins.length === 0 || rule.methods.length === 0)
    throw new MalformedXml('a rule without an origin or a method')
  if (rule.id !== undefined && rule.id.length > 255)
    throw invalid('The ID of a CORS rule should not be longer than 255 characters.')
  for (const method of rule.methods)
    if (!knownMethods.has(method))
      throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
  for (const origin of rule.origins) checkPattern('AllowedOrigin', origin)
  for (const header of rule.headers) checkPattern('AllowedHeader', header)
  for (const header of rule.exposed)
    if (!/^[!#$%&'+\-.^_`|~0-9A-Za-z]+$/.test(header))
      throw invalid(
        `ExposeHeader "${header}" contains wildcard or is no header. We currently do not support wildcard for ExposeHeader.`,
      )
  return rule
}

function checkPattern(kind: string, pattern: string): void {
  if (!/^[!-~]+$/.test(pattern)) throw invalid(`${kind} "${pattern}" is not valid.`)
  if (pattern.indexOf('*') !== pattern.lastIndexOf('*'))
    throw invalid(`${kind} "${pattern}" can not have more than one wildcard.`)
}

function maxAgeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new MalformedXml('<MaxAgeSeconds> is not a number')
  return Number(text)
}

function texts(element: XmlElement, name: string): readonly string[] {
  return element.children.filter((inner) => inner.name === name).map((inner) => inner.text)
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}

function ruleXml(rule: CorsRule): string {
  return xmlElement(
    'CORSRule',
    xmlText('ID', rule.id),
    ...rule.headers.map((header) => xmlText('AllowedHeader', header)),
    ...rule.methods.map((method) => xmlText('AllowedMethod', method)),
    ...rule.origins.map((origin) => xmlText('AllowedOrigin', origin)),
    ...rule.exposed.map((header) => xmlText('ExposeHeader', header)),
    xmlText('MaxAgeSeconds', rule.maxAge),
  )
}
