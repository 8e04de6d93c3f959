// The records that the ledger keeps as JSON, parsed and checked.
import type { Checksum, ChecksumAlgorithm } from '../../body/types.ts'
import type { CorsRule, Facts, ObjectRecord, PartFacts, Restoration, Versioning } from '../types.ts'
import {
  isNumber,
  isText,
  isTextMap,
  listOf,
  object,
  oneOf,
  optional,
  type Shape,
} from './shapes.ts'
import type { UploadRow } from './types.ts'

const isAlgorithm: Shape<ChecksumAlgorithm> = oneOf(
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
)
const isChecksumType: Shape<Checksum['type']> = oneOf('COMPOSITE', 'FULL_OBJECT')

const facts = {
  contentType: optional(isText),
  headers: isTextMap,
  metadata: isTextMap,
  tags: isTextMap,
  storageClass: isText,
}
const isFacts: Shape<Facts> = object(facts)

const isObjectRecord: Shape<ObjectRecord> = object({
  ...facts,
  etag: isText,
  checksum: optional(
    object<Checksum>({ algorithm: isAlgorithm, type: isChecksumType, value: isText }),
  ),
  parts: optional(
    listOf(object<PartFacts>({ number: isNumber, size: isNumber, checksum: optional(isText) })),
  ),
  restoration: optional(object<Restoration>({ ready: isNumber, expires: isNumber })),
})

const isCorsRule: Shape<CorsRule> = object({
  id: optional(isText),
  origins: listOf(isText),
  methods: listOf(isText),
  headers: listOf(isText),
  exposed: listOf(isText),
  maxAge: optional(isNumber),
})

const isUploadChecksum: Shape<NonNullable<UploadRow['checksum']>> = object({
  algorithm: isAlgorithm,
  type: isChecksumType,
})
const isCompletion: Shape<NonNullable<UploadRow['completed']>> = object({
  version: isText,
  parts: isText,
  at: isNumber,
})
const isVersioning: Shape<Versioning> = oneOf('off', 'enabled', 'suspended')

export const toObjectRecord: Parser<ObjectRecord> = parser(isObjectRecord)
export const toFacts: Parser<Facts> = parser(isFacts)
export const toCors: Parser<readonly CorsRule[]> = parser(listOf(isCorsRule))
export const toTags: Parser<Readonly<Record<string, string>>> = parser(isTextMap)
export const toUploadChecksum: Parser<NonNullable<UploadRow['checksum']>> = parser(isUploadChecksum)
export const toCompletion: Parser<NonNullable<UploadRow['completed']>> = parser(isCompletion)
export function toVersioning(text: string): Versioning {
  if (isVersioning(text)) return text
  throw new TypeError('a word of another meaning')
}

/** @throws SyntaxError, TypeError */
type Parser<T> = (text: string) => T

function parser<T>(shape: Shape<T>): Parser<T> {
  return (text) => {
    const value: unknown = JSON.parse(text)
    if (shape(value)) return value
    throw new TypeError('a record of another shape')
  }
}
