// What a complete object was put together from, as far as S3 tells it.
import { isAbort, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { ObjectInfo, ObjectPart, ReadOptions } from '../../core/store.ts'
import { checksumAlgorithms, isChecksum } from '../../kernels/checksums.ts'
import { child, MalformedXml, needNumber, textOf, type XmlElement } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { headObject } from './head-object.ts'

/** S3 takes no more. */
const mostParts = 10_000

/**
 * The size of the first part is told by a HEAD of it. Where that has a checksum too, the service lists those of all parts:
 * AWS where they are no checksum of the whole, Ceph always. Others are not asked: Ceph 16 would send the object.
 */
export async function compositionOf(
  client: Client,
  { key, size, etag }: ObjectInfo,
  options: ReadOptions,
  op: string,
): Promise<readonly ObjectPart[] | undefined> {
  if (!/-\d+"$/.test(etag ?? '')) return undefined
  const { version, signal, meter } = options
  try {
    const { headers } = await headObject(client, key, { version, signal, meter }, op, 1)
    const first = Number(headers.get('content-length'))
    if (!headers.has('x-amz-mp-parts-count') || !(first > 0 && first <= size)) return undefined
    const parts = hasChecksum(headers) ? await listObjectParts(client, key, options, op) : []
    const listed = parts.reduce((sum, part) => sum + part.size, 0)
    return listed === size ? parts : [{ size: first, checksum: undefined }]
  } catch (error) {
    // Who may read an object need not be allowed to ask for this.
    if (!isHawserError(error) || error.retry !== 'never' || isAbort(error)) throw error
    return undefined
  }
}

function hasChecksum(headers: ReadonlyMap<string, string>): boolean {
  return checksumAlgorithms.some((name) => headers.has(`x-amz-checksum-${name.toLowerCase()}`))
}

/** Those with a checksum. It is only a hint: none where the answer is nonsense. */
async function listObjectParts(
  client: Client,
  key: Key,
  { version, signal, meter }: ReadOptions,
  op: string,
): Promise<ObjectPart[]> {
  const parts: ObjectPart[] = []
  for (let marker: number | undefined = 0; marker !== undefined;) {
    const call: Call = {
      op,
      kind: 'stat',
      method: 'GET',
      key,
      query: { attributes: '', versionId: version },
      headers: {
        'x-amz-object-attributes': 'ObjectParts',
        'x-amz-max-parts': '1000',
        'x-amz-part-number-marker': marker === 0 ? undefined : String(marker),
        ...client.customerKey.object,
      },
      options: { signal, meter },
    }
    const page = await client.document(call, rootNames, readPage)
    if (!page) return []
    parts.push(...page.parts)
    const { next = Infinity } = page
    const isEndless = page.next !== undefined && (next <= marker || next > mostParts)
    if (isEndless || parts.length > mostParts) return []
    marker = page.next
  }
  return parts
}

/** As AWS answers, and as Ceph does. */
const rootNames = ['GetObjectAttributesResponse', 'GetObjectAttributes']

interface Page {
  readonly parts: readonly ObjectPart[]
  readonly next: number | undefined
}

function readPage(root: XmlElement): Page | undefined {
  const list = child(root, 'ObjectParts')
  if (!list) return { parts: [], next: undefined }
  const more = textOf(list, 'IsTruncated') === 'true'
  try {
    return {
      parts: list.children.filter(({ name }) => name === 'Part').flatMap(readPart),
      next: more ? needNumber(list, 'NextPartNumberMarker') : undefined,
    }
  } catch (error) {
    if (error instanceof MalformedXml) return undefined
    throw error
  }
}

function readPart(element: XmlElement): ObjectPart[] {
  return checksumAlgorithms.flatMap((algorithm) => {
    const value = textOf(element, `Checksum${algorithm}`)
    if (value === undefined || !isChecksum(algorithm, value)) return []
    return { size: needNumber(element, 'Size'), checksum: { algorithm, value } }
  })
}
