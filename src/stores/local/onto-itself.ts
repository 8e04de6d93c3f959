// Renaming a file to a name that leads to it already: it has both names, or the file system takes them for one, as where
// case does not count.
import { renameSync } from 'node:fs'
import { readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isSameFile } from './stats.ts'
import { newTemporaryId } from './temporary.ts'

/** The file has the new name alone, in the spelling that was asked for. Names in two directories are two. */
export async function renameOntoItself(old: string, path: string, links: bigint): Promise<void> {
  const isOneDirectory = await areSame(dirname(old), dirname(path))
  if (isOneDirectory && basename(old) === basename(path)) return
  // As a crash leaves them between the two steps of a rename to an absent name: rename(2) does nothing then.
  if (links > 1n && (!isOneDirectory || ((await isListed(old)) && (await isListed(path)))))
    return unlink(old)
  await rename(old, path)
  if (await isListed(path)) return
  // Linux does nothing there either. The name between is one that nobody takes for a leftover: for an instant it is the
  // only one.
  const between = join(dirname(path), `renamed-${newTemporaryId()}`)
  renameSync(old, between)
  renameSync(between, path)
}

async function areSame(a: string, b: string): Promise<boolean> {
  if (a === b) return true
  const [one, other] = await Promise.all([stat(a, { bigint: true }), stat(b, { bigint: true })])
  return isSameFile(one, other)
}

async function isListed(path: string): Promise<boolean> {
  return (await readdir(dirname(path))).includes(basename(path))
}
