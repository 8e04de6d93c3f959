// A directory on a file system whose files can share blocks: XFS in a file, where this may be mounted. Elsewhere an
// ordinary one, on which all must end the same.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export interface SharedBlocks {
  readonly directory: string
  readonly shares: boolean
  /** Bytes, of all that is on it. */
  used(): number
}

/** Gone at the end of the tests of the file. */
export function sharedBlocks(): SharedBlocks {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-shared-'))
  const directory = join(folder, 'mount')
  mkdirSync(directory)
  const shares = mounted(join(folder, 'image'), directory)
  afterAll(() => {
    if (shares) execFileSync('umount', [directory])
    rmSync(folder, { recursive: true })
  })
  return {
    directory,
    shares,
    used() {
      const { blocks, bfree, bsize } = statfsSync(directory)
      return (blocks - bfree) * bsize
    },
  }
}

function mounted(image: string, directory: string): boolean {
  try {
    for (const [command = '', ...words] of [
      ['truncate', '-s', '320M', image],
      ['mkfs.xfs', '-q', '-m', 'reflink=1', image],
      ['mount', '-o', 'loop', image, directory],
    ])
      execFileSync(command, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
