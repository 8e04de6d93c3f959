// The names of files that are not whole yet: `.hawser-<16 hex digits>.part` beside the file that they become, and
// `.parts` with the same digits for what is known of its parts. They are never listed, and no key may be one.
import { randomUUID } from 'node:crypto'

const pattern = /^\.hawser-([0-9a-f]{16})\.parts?$/

export function isTemporaryName(name: string): boolean {
  return pattern.test(name)
}

/** The digits of such a name. */
export function temporaryId(name: string): string | undefined {
  return pattern.exec(name)?.[1]
}

export function newTemporaryId(): string {
  // Node draws the randomness of many at once for these.
  return randomUUID().replaceAll('-', '').slice(0, 16)
}

export function isTemporaryId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id)
}

export function partName(id: string): string {
  return `.hawser-${id}.part`
}

export function partsName(id: string): string {
  return `.hawser-${id}.parts`
}
