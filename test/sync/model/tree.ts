// What lies somewhere, seen by other ways than a run's: files through the system, objects by list, stat and read.
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isLink } from '../../../src/core/attributes.ts'
import { toKey } from '../../../src/core/key.ts'
import type { Store } from '../../../src/core/store.ts'
import { get } from '../../conformance/tools.ts'

export interface Item {
  readonly kind: 'file' | 'link' | 'directory'
  /** The target of a link. */
  readonly body: string
  /** Of the contents, in nanoseconds: an object's own time, else that of its upload. */
  readonly time: bigint
  /** The time that an object has as metadata, or a file. */
  readonly own: bigint | undefined
  /** As a listing tells it. */
  readonly listed: bigint
  /** Permissions, where they are known. */
  readonly mode: number | undefined
  /** Another one after each change that a listing shows: an object's bytes, or any change of a file. */
  readonly identity: string
}

/** By name; directories of a disk end in `/`. */
export type Tree = ReadonlyMap<string, Item>

export function sizeOf({ kind, body }: Item): number {
  return kind === 'directory' ? 0 : Buffer.byteLength(body)
}

export async function treeOfDisk(root: string): Promise<Tree> {
  const found = new Map<string, Item>()
  async function enter(above: string): Promise<void> {
    for (const dirent of await readdir(join(root, above), { withFileTypes: true })) {
      const name = above + dirent.name
      const path = `${root}/${name}`
      const stats = await lstat(path, { bigint: true })
      const common = {
        time: stats.mtimeNs,
        own: stats.mtimeNs,
        listed: stats.mtimeNs,
        mode: Number(stats.mode) & 0o777,
        identity: `${stats.ino} ${stats.ctimeNs}`,
      }
      if (dirent.isDirectory()) {
        found.set(`${name}/`, { kind: 'directory', body: '', ...common })
        await enter(`${name}/`)
      } else if (dirent.isSymbolicLink())
        found.set(name, { kind: 'link', body: await readlink(path), ...common })
      else found.set(name, { kind: 'file', body: await readFile(path, 'utf8'), ...common })
    }
  }
  await enter('')
  return found
}

export async function treeOfStore(store: Store, prefix: string): Promise<Tree> {
  const found = new Map<string, Item>()
  for await (const { key, modified: listed, etag } of store.list(toKey(prefix))) {
    const { attributes, modified } = await store.stat(key)
    const body = Buffer.from(await get(store, key)).toString()
    const kind = key.endsWith('/') && body === '' ? 'directory' : 'file'
    found.set(key.slice(prefix.length), {
      kind: isLink(attributes) ? 'link' : kind,
      body,
      time: attributes.mtime ?? modified,
      own: attributes.mtime,
      listed,
      mode: attributes.mode === undefined ? undefined : attributes.mode & 0o777,
      identity: etag ?? '',
    })
  }
  return found
}

/** The part of a tree below a prefix. */
export function below(tree: Tree, prefix: string): Tree {
  return new Map(
    [...tree].flatMap(([name, item]) =>
      name.startsWith(prefix) && name !== prefix ? [[name.slice(prefix.length), item]] : [],
    ),
  )
}

/** The tree without what lies below any of the prefixes. */
export function without(tree: Tree, ...prefixes: readonly string[]): Tree {
  return new Map([...tree].filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))))
}
