// Options for what objects are given beside their bytes.
import { list, oneOfOrNone, type OptionSpec, type SpecsOf, text } from '../config/option.ts'
import type { ObjectProperties } from '../core/store.ts'
import type { TransferOptions } from '../sync/options.ts'
import { usageError } from './command.ts'

type Pair = readonly [name: string, value: string]

function pairs(flags: string, summary: string): OptionSpec<readonly Pair[]> {
  return list([{ flags, summary }], 'NAME=VALUE', ({ value }) => {
    const sign = value.indexOf('=')
    return sign > 0 ? [value.slice(0, sign), value.slice(sign + 1)] : undefined
  })
}

export interface PropertyValues {
  readonly metadata: readonly Pair[]
  readonly tags: readonly Pair[]
  readonly storageClass: string | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly contentDisposition: string | undefined
  readonly cacheControl: string | undefined
  readonly acl: string | undefined
  readonly sse: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined
  readonly sseKmsKeyId: string | undefined
}

export const propertyOptions: SpecsOf<PropertyValues> = {
  metadata: pairs('--metadata <name=value>', 'user metadata for what is copied; may be repeated'),
  tags: pairs('--tags <name=value>', 'a tag for what is copied; may be repeated'),
  storageClass: text('--storage-class <class>', 'the storage class, such as STANDARD_IA'),
  contentType: text('--content-type <type>', 'instead of the one that goes with the name'),
  contentEncoding: text(
    '--content-encoding <encoding>',
    'such as gzip, of bytes that are already so',
  ),
  contentDisposition: text('--content-disposition <text>', 'what a browser does with it'),
  cacheControl: text('--cache-control <text>', 'how long others may keep it, such as max-age=3600'),
  acl: text('--acl <name>', 'a canned access list, such as public-read'),
  sse: oneOfOrNone('--sse <kind>', 'encryption by the service: AES256, aws:kms or aws:kms:dsse', [
    'AES256',
    'aws:kms',
    'aws:kms:dsse',
  ]),
  sseKmsKeyId: text('--sse-kms-key-id <id>', 'the key that the service encrypts with'),
}

/** @throws HawserError invalid-argument for what does not go together */
export function propertiesOf(
  given: PropertyValues,
): Pick<TransferOptions, 'metadata' | 'contentType' | 'properties'> {
  const { metadata, tags, contentType, sse, sseKmsKeyId } = given
  const { storageClass, contentEncoding, contentDisposition, cacheControl, acl } = given
  if (sse === 'AES256' && sseKmsKeyId !== undefined)
    throw usageError('--sse-kms-key-id goes with --sse aws:kms')
  const algorithm = sse ?? (sseKmsKeyId === undefined ? undefined : 'aws:kms')
  const properties: ObjectProperties = {
    storageClass,
    contentEncoding,
    contentDisposition,
    cacheControl,
    acl,
    tags: tags.length === 0 ? undefined : Object.fromEntries(tags),
    encryption: algorithm && { algorithm, keyId: sseKmsKeyId },
  }
  const any = Object.values(properties).some((property) => property !== undefined)
  return {
    metadata: metadata.length === 0 ? undefined : Object.fromEntries(metadata),
    contentType,
    properties: any ? properties : undefined,
  }
}
