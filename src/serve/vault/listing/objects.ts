// Listings of objects: of each key the latest version, where that is no delete marker.
import type { VaultContext } from '../context.ts'
import { isObject, type Resolved } from '../resolve.ts'
import type { Bucket, ListPage, ListQuery, ObjectVersion } from '../types.ts'
import { readPage } from './page.ts'

/** @throws S3Error NotImplemented for a store that does not list in the order of keys */
export async function listObjects(
  context: VaultContext,
  bucket: Bucket,
  query: ListQuery,
): Promise<ListPage> {
  const { items, more } = await readPage(context, bucket.name, query, latestObject)
  return {
    objects: items.flatMap(({ value }) => value ?? []),
    prefixes: items.filter(({ value }) => value === undefined).map(({ name }) => name),
    next: more ? items.at(-1)?.name : undefined,
  }
}

function latestObject({ versions: [latest] }: Resolved): readonly ObjectVersion[] {
  return isObject(latest) ? [latest.version] : []
}
