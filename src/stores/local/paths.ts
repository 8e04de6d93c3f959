// Keys to paths: the only place that does it, and it never leaves the root.
//
// A symbolic link below the root is a leaf: nothing is read, written or removed through one, else a tree with
// `link -> /etc` and `link/passwd` would write outside. Each call looks at each parent anew (2 µs each), and the last
// name is opened with O_NOFOLLOW. Not covered: another process that swaps a directory for a link between the look and
// the use. The root itself may be a link.
import { lstatSync } from 'node:fs'
import { sep } from 'node:path'
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import { errnoOf, localError } from './errors.ts'
import { isTemporaryName } from './temporary.ts'

/** A key's place on the disk. */
export interface Place {
  readonly path: string
  /** The directory it lies in. */
  readonly parent: string
  /** The directories below the root that lead to it, outermost first. */
  readonly parents: readonly string[]
  /** The key ends in `/`. */
  readonly directory: boolean
}

/**
 * @param root an absolute path
 * @throws HawserError invalid-argument where the key is no path below the root
 */
export function placeOf(root: string, key: Key, details: ErrorDetails): Place {
  const directory = key.endsWith('/')
  const segments = (directory ? key.slice(0, -1) : key).split('/')
  const problem = segments.map(segmentProblem).find((found) => found !== undefined)
  if (problem !== undefined)
    throw new HawserError('invalid-argument', `not a path: ${problem}`, {
      ...details,
      key,
      hint: 'A file system cannot hold this name; leave it out with a filter, or copy it to an object store.',
    })
  const paths = [root]
  let path = root.endsWith(sep) ? root.slice(0, -1) : root
  for (const segment of segments) {
    path += sep + segment
    paths.push(path)
  }
  return { path, parent: paths.at(-2) ?? root, parents: paths.slice(1, -1), directory }
}

interface Located {
  readonly place: Place
  readonly details: ErrorDetails
}

export function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'an empty segment'
  if (segment === '.' || segment === '..') return `the segment ${segment}`
  if (segment.includes('\0')) return 'a NUL'
  if (Buffer.byteLength(segment) > 255) return 'a segment of more than 255 bytes'
  if (isTemporaryName(segment)) return 'a name that is kept for unfinished files'
  if (sep === '\\' && /[\\:*?"<>|]|[. ]$/.test(segment)) return 'a name that Windows cannot hold'
  return undefined
}

/** `directories`: every parent is one. `absent`: one is missing. `blocked`: one is a file or a link. */
export function lookAtParents(
  place: Place,
  details: ErrorDetails,
): 'directories' | 'absent' | 'blocked' {
  for (const parent of place.parents) {
    try {
      const stats = lstatSync(parent, { throwIfNoEntry: false })
      if (!stats) return 'absent'
      if (!stats.isDirectory()) return 'blocked'
    } catch (error) {
      if (errnoOf(error) === 'ENOTDIR') return 'blocked'
      throw localError(error, details)
    }
  }
  return 'directories'
}

/** @throws HawserError not-found where the way to the object is not of directories */
export function requireParents({ place, details }: Located): void {
  const found = lookAtParents(place, details)
  if (found !== 'directories') throw notFound(details, found === 'blocked')
}

/** @throws HawserError conflict where a file or a link is in the way; missing directories are fine */
export function allowParents({ place, details }: Located): void {
  if (lookAtParents(place, details) === 'blocked')
    throw new HawserError('conflict', 'a file or a symbolic link is where a directory is needed', {
      ...details,
      hint: 'Nothing is written through a link; remove or rename what is in the way.',
    })
}

export function notFound(details: ErrorDetails, blocked = false): HawserError {
  return new HawserError('not-found', 'no such file', {
    ...details,
    hint: blocked ? 'A file or a symbolic link is in the way; links are not followed.' : undefined,
  })
}
