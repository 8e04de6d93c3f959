// What a listing must give, from every key looked at by itself.
import { compareKeys } from '../../../../src/core/key.ts'
import type { VaultContext } from '../../../../src/serve/vault/context.ts'
import { look } from '../../../../src/serve/vault/look.ts'
import type {
  Bucket,
  ListPage,
  ListQuery,
  ListVersionsPage,
  ListVersionsQuery,
  Version,
} from '../../../../src/serve/vault/types.ts'
import { call } from '../tools.ts'

interface Item {
  readonly name: string
  readonly version?: Version
}

export async function contents(
  context: VaultContext,
  bucket: Bucket,
  keys: readonly string[],
): Promise<readonly Version[]> {
  const found: Version[] = []
  for (const key of keys.toSorted(compareKeys))
    for (const { version } of (await look(context, bucket.name, key, call)).versions)
      found.push(version)
  return found
}

/** With their groups, from the place on where the page begins. */
function itemsOf(
  versions: readonly Version[],
  { prefix, delimiter, after }: ListQuery,
  afterVersion?: string,
): readonly Item[] {
  const items: Item[] = []
  const follows = (version: Version): boolean => {
    if (version.key !== after || afterVersion === undefined)
      return compareKeys(version.key, after) > 0
    const same = versions.filter(({ key }) => key === after)
    const at = same.findIndex((other) => other.version === afterVersion)
    return same.indexOf(version) > at
  }
  for (const version of versions) {
    if (!version.key.startsWith(prefix)) continue
    const at = delimiter === '' ? -1 : version.key.indexOf(delimiter, prefix.length)
    const group = at === -1 ? undefined : version.key.slice(0, at + delimiter.length)
    if (group === undefined) {
      if (follows(version)) items.push({ name: version.key, version })
    } else if (group !== after && follows(version) && items.at(-1)?.name !== group)
      items.push({ name: group })
  }
  return items
}

export function objectsPage(versions: readonly Version[], query: ListQuery): ListPage {
  const objects = versions.filter(({ latest, kind }) => latest && kind === 'object')
  const items = itemsOf(objects, query)
  const page = items.slice(0, query.limit)
  return {
    objects: page.flatMap(({ version }) => (version?.kind === 'object' ? version : [])),
    prefixes: page.filter(({ version }) => !version).map(({ name }) => name),
    next: page.length > 0 && items.length > page.length ? page.at(-1)?.name : undefined,
  }
}

export function versionsPage(
  versions: readonly Version[],
  query: ListVersionsQuery,
): ListVersionsPage {
  const items = itemsOf(versions, query, query.afterVersion)
  const page = items.slice(0, query.limit)
  const last = page.at(-1)
  return {
    versions: page.flatMap(({ version }) => version ?? []),
    prefixes: page.filter(({ version }) => !version).map(({ name }) => name),
    next:
      last && items.length > page.length
        ? { key: last.name, version: last.version?.version }
        : undefined,
  }
}
