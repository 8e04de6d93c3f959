// What all listings share: how names are written, and what is told of an object.
import { encodeKey } from '../../wire/sigv4.ts'
import { xmlElement, xmlText } from '../../wire/xml.ts'
import type { S3Request } from '../http/types.ts'
import type { ObjectVersion } from '../vault/types.ts'
import { invalidArgument } from './arguments.ts'
import { quoted } from './object-headers.ts'
import { restoreState } from './storage-class.ts'
import { ownerElement, xmlTime } from './xml.ts'

/** How keys, prefixes and markers are written in a listing. */
export interface NameWriter {
  readonly encoding: 'url' | undefined
  /** An element; absent where the text is. */
  write(name: string, text: string | undefined): string
}

const plain: NameWriter = { encoding: undefined, write: xmlText }
const url: NameWriter = {
  encoding: 'url',
  write: (name, text) => (text === undefined ? '' : `<${name}>${encodeKey(text)}</${name}>`),
}

/** @throws S3Error InvalidArgument */
export function nameWriterOf({ query }: S3Request): NameWriter {
  const encoding = query.get('encoding-type')
  if (encoding === undefined || encoding === '') return plain
  if (encoding === 'url') return url
  throw invalidArgument('encoding-type', encoding, 'Invalid Encoding Method specified in Request')
}

export function prefixElements(names: NameWriter, prefixes: readonly string[]): string {
  let text = ''
  for (const prefix of prefixes)
    text += `<CommonPrefixes>${names.write('Prefix', prefix)}</CommonPrefixes>`
  return text
}

/** What listings tell of an object beside its key and version. */
export function objectElements(
  { modified, record, size }: ObjectVersion,
  shown: { readonly owner: string | undefined; readonly restoreAt: number | undefined },
): string {
  const { checksum, storageClass } = record
  let text = xmlText('LastModified', xmlTime(modified)) + xmlText('ETag', quoted(record.etag))
  if (checksum)
    text +=
      xmlText('ChecksumAlgorithm', checksum.algorithm) + xmlText('ChecksumType', checksum.type)
  text += xmlText('Size', size) + xmlText('StorageClass', storageClass)
  if (shown.owner !== undefined) text += ownerElement(shown.owner)
  if (shown.restoreAt !== undefined) text += restoreElement(record, shown.restoreAt)
  return text
}

function restoreElement(record: ObjectVersion['record'], now: number): string {
  const state = restoreState(record, now)
  if (state === 'none') return ''
  return xmlElement(
    'RestoreStatus',
    xmlText('IsRestoreInProgress', state === 'ongoing'),
    state === 'restored' && record.restoration
      ? xmlText('RestoreExpiryDate', xmlTime(record.restoration.expires))
      : '',
  )
}

/** Whether listings tell of restorations: x-amz-optional-object-attributes. @throws S3Error InvalidArgument */
export function restoreShown({ headers }: S3Request, now: number): number | undefined {
  const header = headers['x-amz-optional-object-attributes']
  if (header === undefined) return undefined
  if (header.split(',').some((one) => one.trim() !== 'RestoreStatus'))
    throw invalidArgument(
      'x-amz-optional-object-attributes',
      header,
      'Invalid attribute name specified: RestoreStatus is known.',
    )
  return now
}
