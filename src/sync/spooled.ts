// An entry as text: what is deferred lies on disk until its turn comes.
import type { Key } from '../core/key.ts'
import type { Entry, FileIdentity } from '../core/store.ts'

export function formatEntry(entry: Entry): string {
  const { kind, size, modified, storageClass = '-', version = '-', file, etag = '' } = entry
  const identity = file
    ? `${file.device}/${file.inode}/${file.ctime}/${file.mode}/${file.links}`
    : '-'
  return `${kind} ${size} ${modified} ${storageClass} ${version} ${identity} ${etag}`
}

export function parseEntry(key: Key, text: string): Entry {
  const [kind, size, modified, storageClass, version, identity, ...etag] = text.split(' ')
  return {
    key,
    kind: kind === 'directory' || kind === 'symlink' || kind === 'special' ? kind : 'file',
    size: Number(size),
    modified: BigInt(modified ?? 0),
    storageClass: storageClass === '-' ? undefined : storageClass,
    version: version === '-' ? undefined : version,
    file: identity === undefined || identity === '-' ? undefined : parseIdentity(identity),
    etag: etag.join(' ') || undefined,
  }
}

function parseIdentity(text: string): FileIdentity {
  const [device, inode, ctime, mode, links] = text.split('/')
  return {
    device: BigInt(device ?? 0),
    inode: BigInt(inode ?? 0),
    ctime: BigInt(ctime ?? 0),
    mode: Number(mode),
    links: BigInt(links ?? 1),
  }
}
