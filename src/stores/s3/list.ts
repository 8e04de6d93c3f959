// Listings: ListObjectsV2, page by page, the next pages on their way while one is read.
//
// Keys travel percent-encoded (`encoding-type=url`), because XML cannot carry all of them. The order is checked: a
// comparison of two trees that trusts a wrong order deletes what it should keep.
import { HawserError } from '../../core/errors.ts'
import { compareKeys, type Key, toKey } from '../../core/key.ts'
import type { Entry, ListOptions } from '../../core/store.ts'
import { needNumber, needText, MalformedXml, textOf, type XmlElement } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { etagFrom, kindOf, timeFrom } from './info.ts'
import { type Page, type PageProblem, pagesInOrder, type PageStart } from './list-ranges.ts'

/** @throws not-found for a missing bucket; unsupported where the service lists in another order than by keys */
export async function* listObjects(
  client: Client,
  prefix: Key,
  pageSize: number,
  options: ListOptions = {},
): AsyncGenerator<Entry> {
  client.throwIfAborted({ op: 'list', options })
  const leave = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal
  const { after, shallow = false } = options
  const pages = pagesInOrder(
    (start) => fetchPage(client, prefix, pageSize, start, { ...options, signal }),
    // Groups are not what they are made of: to guess would find nothing.
    { prefix, after, serial: shallow },
  )
  let last: string | undefined
  try {
    for await (const { entries, problems } of pages) {
      for (const { error } of problems) {
        if (!options.onProblem) throw error
        options.onProblem(error)
      }
      for (const entry of entries) {
        if (last !== undefined && compareKeys(last, entry.key) >= 0)
          throw outOfOrder(client, entry.key)
        last = entry.key
        if (after !== undefined && compareKeys(entry.key, after) <= 0) continue
        client.throwIfAborted({ op: 'list', options })
        yield entry
      }
    }
  } finally {
    leave.abort()
  }
}

async function fetchPage(
  client: Client,
  prefix: Key,
  pageSize: number,
  start: PageStart,
  options: ListOptions,
): Promise<Page> {
  const token = 'token' in start ? start.token : undefined
  const call: Call = {
    op: 'list',
    kind: 'list',
    method: 'GET',
    query: {
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': String(pageSize),
      prefix: prefix || undefined,
      delimiter: options.shallow ? '/' : undefined,
      'start-after': 'after' in start ? start.after : undefined,
      'continuation-token': token,
    },
    options,
  }
  return client.document(call, 'ListBucketResult', (root) => {
    const page = readPage(root, prefix, client)
    if (page.next !== undefined && page.next === token)
      throw new MalformedXml('a listing in a circle')
    return page
  })
}

function readPage(root: XmlElement, prefix: Key, client: Client): Page {
  const decode = keyDecoder(root)
  const entries: Entry[] = []
  const groups: Entry[] = []
  const problems: PageProblem[] = []
  for (const element of root.children) {
    const isGroup = element.name === 'CommonPrefixes'
    if (!isGroup && element.name !== 'Contents') continue
    const written = needText(element, isGroup ? 'Prefix' : 'Key')
    const key = decode(written)
    if (key === undefined)
      problems.push({ error: unreadable(client, written), name: bytesOf(written) })
    else if (!key.startsWith(prefix)) throw new MalformedXml('a key that was not asked for')
    else if (isGroup) groups.push(groupEntry(key))
    else entries.push(objectEntry(key, element))
  }
  const more = needText(root, 'IsTruncated') === 'true'
  return {
    entries: groups.length === 0 ? entries : merge(entries, groups),
    problems,
    next: more ? needText(root, 'NextContinuationToken') : undefined,
  }
}

function objectEntry(key: Key, element: XmlElement): Entry {
  const size = needNumber(element, 'Size')
  const modified = timeFrom(needText(element, 'LastModified'))
  if (modified === undefined) throw new MalformedXml('<LastModified> is not a time')
  return {
    key,
    kind: kindOf(key, size),
    size,
    modified,
    etag: etagFrom(textOf(element, 'ETag')),
    storageClass: textOf(element, 'StorageClass'),
  }
}

function groupEntry(key: Key): Entry {
  return { key, kind: 'directory', size: 0, modified: 0n, etag: undefined }
}

/** Both are in order; an object and a group never share a key. */
function merge(entries: readonly Entry[], groups: readonly Entry[]): Entry[] {
  const merged: Entry[] = []
  let group = 0
  for (const entry of entries) {
    for (
      let next = groups[group];
      next && compareKeys(next.key, entry.key) < 0;
      next = groups[group]
    ) {
      merged.push(next)
      group++
    }
    merged.push(entry)
  }
  return merged.concat(groups.slice(group))
}

/**
 * Reads keys as this answer writes them: encoded where it says so. Undefined for one that is not UTF-8.
 * The decoder throws MalformedXml for what is no encoding at all.
 */
export function keyDecoder(root: XmlElement): (text: string) => Key | undefined {
  return textOf(root, 'EncodingType') === 'url' ? decodeKey : (text) => toKey(text)
}

/** S3 writes a space as `+`, as forms do, and `%XX` for other bytes. */
export function decodeKey(text: string): Key | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return toKey(spaced)
  try {
    return toKey(decodeURIComponent(spaced))
  } catch {
    if (/%(?![0-9A-Fa-f]{2})/.test(spaced)) throw new MalformedXml('a key that is wrongly encoded')
    return undefined
  }
}

/** The bytes of a name that is encoded. */
function bytesOf(text: string): Uint8Array {
  const decoded = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(decoded, 'latin1')
}

function unreadable(client: Client, written: string): HawserError {
  return new HawserError('unsupported', `a name that is not UTF-8: ${written}`, {
    ...client.details({ op: 'list' }),
    hint: 'It is left alone. Rename it with the tool that made it.',
  })
}

function outOfOrder(client: Client, key: Key): HawserError {
  return new HawserError('unsupported', 'the service does not list keys in their order', {
    ...client.details({ op: 'list', key }),
    hint: 'Directory buckets and some gateways do so; use another bucket or endpoint.',
  })
}
