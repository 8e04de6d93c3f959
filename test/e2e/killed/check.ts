// What a server holds, against what its answers said.
import { expect } from 'vitest'
import { textOf, type XmlElement } from '../../../src/wire/xml.ts'
import type { TestClient } from '../../serve/client.ts'
import { possible, type Content, type Held, type Key, type State } from './model.ts'
import { md5, type Upload } from './worker.ts'

/** Every key of the bucket, as its listing says, each version with its bytes. */
export async function holdings(s3: TestClient, bucket: string): Promise<Map<string, State>> {
  const found = new Map<string, Held[]>()
  const query = { versions: '', 'max-keys': '1000' }
  const { xml } = await s3.done('GET', bucket, { query })
  expect(textOf(xml, 'IsTruncated')).toBe('false')
  for (const element of xml.children) {
    if (element.name !== 'Version' && element.name !== 'DeleteMarker') continue
    const key = textOf(element, 'Key') ?? ''
    const held = await heldOf(s3, `${bucket}/${key}`, element)
    const others = found.get(key)
    expect(textOf(element, 'IsLatest')).toBe(String(!others))
    if (others) others.push(held)
    else found.set(key, [held])
  }
  return found
}

async function heldOf(s3: TestClient, target: string, element: XmlElement): Promise<Held> {
  const version = textOf(element, 'VersionId') ?? ''
  if (element.name === 'DeleteMarker') return { version, content: undefined }
  const query = { versionId: version }
  const reply = await s3.done('GET', target, { query })
  const etag = (reply.header('etag') ?? '').replaceAll('"', '')
  expect([textOf(element, 'ETag'), textOf(element, 'Size')], target).toEqual([
    `"${etag}"`,
    String(reply.bytes.length),
  ])
  const content: Content = {
    md5: md5(reply.bytes),
    size: reply.bytes.length,
    etag,
    type: reply.header('content-type') ?? '',
    note: reply.header('x-amz-meta-note') ?? '',
    tags: Number(reply.header('x-amz-tagging-count') ?? 0),
  }
  // What it says of its bytes belongs to them.
  if (!etag.includes('-')) expect(etag, target).toBe(content.md5)
  return { version, content }
}

/** The key is in one of its possible states, which is what it is in from now on. */
export function checkKey(key: Key, found: State): void {
  expect(possible(key, found), `${key.bucket}/${key.name}`).toContainEqual(found)
  key.state = found
  key.pending = undefined
}

/**
 * The upload has every part that was answered.
 * @returns whether it is still going on
 */
export async function checkUpload(s3: TestClient, upload: Upload): Promise<boolean> {
  const { key, id, parts, pending, ending } = upload
  const reply = await s3.send('GET', `${key.bucket}/${key.name}`, { query: { uploadId: id } })
  if (ending && reply.status === 404) return false
  expect(reply.status, reply.text).toBe(200)
  const found = new Map<number, string>()
  for (const element of reply.xml.children.filter(({ name }) => name === 'Part'))
    found.set(
      Number(textOf(element, 'PartNumber')),
      (textOf(element, 'ETag') ?? '').replaceAll('"', ''),
    )
  if (pending && found.get(pending.number) === pending.part.etag)
    parts.set(pending.number, pending.part)
  expect([...found]).toEqual(
    [...parts].map(([number, { etag }]) => [number, etag] as const).toSorted(([a], [b]) => a - b),
  )
  upload.pending = undefined
  return true
}
