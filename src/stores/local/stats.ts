// What the system says of a file, in the port's terms, and times on their way back.
import type { BigIntStats } from 'node:fs'
import type { Attributes } from '../../core/attributes.ts'
import type { Key } from '../../core/key.ts'
import type { Entry, EntryKind, ObjectInfo } from '../../core/store.ts'

/** Device, inode, size, mtime and ctime: differs whenever the bytes differ, or their place or permissions. */
export function etagOf(stats: BigIntStats): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats
  return [dev, ino, size, mtimeNs, ctimeNs].map((value) => value.toString(36)).join('-')
}

/** One file, which nobody has written to in between, as far as its times tell: names and permissions may have changed. */
export function isUnwritten(before: BigIntStats, now: BigIntStats): boolean {
  return isSameFile(before, now) && before.size === now.size && before.mtimeNs === now.mtimeNs
}

export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

/** As an etag tells it: but for the ctime, which changes with the number of a file's names. */
export function isUnwrittenSince(etag: string, now: BigIntStats): boolean {
  return untilCtime(etag) === untilCtime(etagOf(now))
}

function untilCtime(etag: string): string {
  return etag.slice(0, etag.lastIndexOf('-'))
}

export function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'symlink' : 'special'
}

export function entryOf(key: Key, stats: BigIntStats): Entry {
  const kind = kindOf(stats)
  return {
    key,
    kind,
    size: kind === 'directory' ? 0 : Number(stats.size),
    modified: stats.mtimeNs,
    etag: etagOf(stats),
    file: {
      device: stats.dev,
      inode: stats.ino,
      ctime: stats.ctimeNs,
      mode: Number(stats.mode),
      links: stats.nlink,
    },
  }
}

/** Of the file as it is; its owners by number, where the system has any. */
export function attributesOf(stats: BigIntStats): Attributes {
  const { mtimeNs: mtime } = stats
  const mode = Number(stats.mode)
  if (process.platform === 'win32') return { mtime, mode }
  return { mtime, mode, uid: Number(stats.uid), gid: Number(stats.gid) }
}

export function infoOf(key: Key, stats: BigIntStats, crc64nvme?: bigint): ObjectInfo {
  return {
    ...entryOf(key, stats),
    attributes: attributesOf(stats),
    metadata: {},
    crc64nvme,
  }
}

/**
 * A time for `utimes`. The system gets it as a double of seconds, so it is set to the first one that can be said at or
 * after the time: exact for whole seconds, else up to 239 ns late (477 from 2038 on), and never early, so that the
 * microseconds of a time in microseconds stay.
 * As text, because Node takes a negative number for "now".
 */
export function utimesText(nanoseconds: bigint): string {
  let seconds = Number(nanoseconds / 1_000_000_000n) + Number(nanoseconds % 1_000_000_000n) / 1e9
  while (nanosecondsOf(seconds) < nanoseconds) seconds = nextAfter(seconds)
  return String(seconds)
}

/** As the system library splits it: the whole seconds, and the rest cut to nanoseconds. */
function nanosecondsOf(seconds: number): bigint {
  const whole = Math.trunc(seconds)
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.trunc((seconds - whole) * 1e9))
}

function nextAfter(value: number): number {
  const step = 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 52)
  return value + step
}
