// A directory tree to read from, in which symbolic links are what they point to, inside of the tree or not.
import { realpathSync } from 'node:fs'
import { join, parse, sep } from 'node:path'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import { type Key, toKey } from '../../core/key.ts'
import type { Store } from '../../core/store.ts'
import { changed } from './disk.ts'
import { errnoOf, localError } from './errors.ts'
import { notFound } from './paths.ts'
import { walk } from './walk.ts'

/**
 * The same tree, links followed. What a key leads to is looked up by each call.
 * @param tree of this directory
 * @param whole the file system that it lies in
 */
export function followed(tree: Store, whole: Store): Store {
  const { location, traits } = tree
  const { root } = location
  const { withFile } = whole
  const details = (op: string, key: Key): ErrorDetails => ({ op, location, key })
  const real = (op: string, key: Key): Key => realKey(root, key, details(op, key))
  const refusal = (op: string): HawserError =>
    new HawserError('unsupported', 'a tree whose links are followed is only read', {
      op,
      location,
    })
  return {
    location,
    traits,
    list: (prefix, options = {}) =>
      walk(root, prefix, { ...options, follow: true }, details('list', prefix)),
    stat: async (key, options) => ({ ...(await whole.stat(real('stat', key), options)), key }),
    async read(key, options) {
      const body = await whole.read(real('read', key), options)
      return {
        info: { ...body.info, key },
        [Symbol.asyncIterator]: () => body[Symbol.asyncIterator](),
      }
    },
    async readInto(key, target, position, options) {
      const { info, length } = await whole.readInto(real('read', key), target, position, options)
      return { info: { ...info, key }, length }
    },
    async write() {
      throw refusal('write')
    },
    remove: async function* remove(refs) {
      for await (const { key } of refs) yield { key, error: refusal('remove') }
    },
    multipart: undefined,
    copy: undefined,
    rename: undefined,
    buckets: undefined,
    setAttributes: undefined,
    lineage: tree.lineage,
    withFile:
      withFile &&
      (async (key, use, options) => {
        const file = real('withFile', key)
        const result = await withFile(file, use, options)
        if (real('withFile', key) !== file) throw changed(details('withFile', key))
        return result
      }),
    archive: undefined,
    async [Symbol.asyncDispose]() {},
  }
}

/** @throws HawserError not-found for a link to nothing; local-io for one that goes round */
function realKey(root: string, key: Key, details: ErrorDetails): Key {
  try {
    const path = realpathSync.native(join(root, key))
    const name = path.slice(parse(path).root.length)
    return toKey((sep === '/' ? name : name.replaceAll(sep, '/')) + (key.endsWith('/') ? '/' : ''))
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') throw notFound(details)
    throw localError(error, details)
  }
}
