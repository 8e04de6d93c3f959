// What tells a directory from others whatever its name is: its device and inode.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Key } from '../../core/key.ts'

/** See Lineage. */
export function lineageOf(root: string, directory: Key): string[] {
  const identities: string[] = []
  for (let path = join(root, directory, '.'); ; path = dirname(path)) {
    identities.push(identityOf(path))
    if (path === dirname(path)) return identities
  }
}

function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    // What is not there, or cannot be looked at, has no other name that anybody knows of.
    return path
  }
}
