// Listings of versions: of each key all of them, newest first, delete markers too.
import type { VaultContext } from '../context.ts'
import { look } from '../look.ts'
import type { Resolved } from '../resolve.ts'
import type { Bucket, ListVersionsPage, ListVersionsQuery, Version } from '../types.ts'
import { readPage } from './page.ts'

/** @throws S3Error NotImplemented for a store that does not list in the order of keys */
export async function listVersions(
  context: VaultContext,
  bucket: Bucket,
  query: ListVersionsQuery,
): Promise<ListVersionsPage> {
  const rest = await restOf(context, bucket, query)
  const { items, more } = await readPage(context, bucket.name, query, versionsOf, rest)
  const last = items.at(-1)
  return {
    versions: items.flatMap(({ value }) => value ?? []),
    prefixes: items.filter(({ value }) => value === undefined).map(({ name }) => name),
    next: more && last ? { key: last.name, version: last.value?.version } : undefined,
  }
}

/** The versions of the key `after` that follow; all of them where the one to follow was removed meanwhile. */
async function restOf(
  context: VaultContext,
  bucket: Bucket,
  { prefix, after, afterVersion, signal }: ListVersionsQuery,
): Promise<readonly Version[]> {
  if (afterVersion === undefined || after === '' || !after.startsWith(prefix)) return []
  const versions = versionsOf(await look(context, bucket.name, after, { signal }))
  return versions.slice(versions.findIndex(({ version }) => version === afterVersion) + 1)
}

function versionsOf({ versions }: Resolved): readonly Version[] {
  return versions.map(({ version }) => version)
}
