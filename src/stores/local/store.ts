// A directory tree as a store: keys are the paths below its root.
import { resolve } from 'node:path'
import type { Store, Traits } from '../../core/store.ts'
import { setAttributes } from './attributes.ts'
import { localCopy } from './copy.ts'
import { Disk } from './disk.ts'
import { lineageOf } from './lineage.ts'
import { localMultipart } from './multipart.ts'
import { readFile, readFileInto, statFile } from './read.ts'
import { removeFiles } from './remove.ts'
import { renameFile } from './rename.ts'
import { walk } from './walk.ts'
import { withFile } from './with-file.ts'
import { writeFile } from './write.ts'

export interface LocalStoreOptions {
  /** Keep directories whose last file was removed. By default they go with it, as prefixes do in object stores. */
  readonly keepDirectories?: boolean | undefined
  /** Let the system decide when bytes reach the disk: quicker, and a loss of power may lose what was written. */
  readonly durable?: boolean | undefined
}

const traits: Traits = {
  order: 'key',
  hierarchical: true,
  modified: 'native',
  conditions: new Set(['if-absent'] as const),
  etagIsMd5: false,
  maxKeyBytes: 4096,
}

/** The directory need not exist: the first write makes it. */
export function localStore(directory: string, options: LocalStoreOptions = {}): Store {
  const durable = options.durable ?? true
  const prune = !options.keepDirectories
  const disk = new Disk(resolve(directory), durable)
  const diskAt = (root: string): Disk => new Disk(root, durable)
  return {
    location: disk.location,
    traits,
    list: (prefix, list = {}) => walk(disk.root, prefix, list, disk.details('list', prefix)),
    stat: async (key, call) => statFile(disk, key, call),
    read: async (key, read) => readFile(disk, key, read),
    readInto: async (key, target, position, read) =>
      readFileInto(disk, key, target, position, read),
    write: async (key, body, write) => writeFile(disk, key, body, write),
    remove: (refs, call) => removeFiles(disk, refs, call, prune),
    multipart: localMultipart(disk, diskAt, prune),
    copy: localCopy(disk, diskAt),
    rename: async (from, to, call) => renameFile(disk, from, to, call, prune),
    buckets: undefined,
    lineage: (key) => lineageOf(disk.root, key),
    withFile: async (key, use, call) => withFile(disk, key, use, call),
    archive: undefined,
    setAttributes: async (key, attributes, call) => setAttributes(disk, key, attributes, call),
    async [Symbol.asyncDispose]() {},
  }
}
