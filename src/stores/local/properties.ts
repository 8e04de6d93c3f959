// What object stores keep beside an object has no place on a disk.
import { HawserError, type ErrorDetails } from '../../core/errors.ts'
import type { ObjectProperties } from '../../core/store.ts'

/** @throws HawserError unsupported, for any that is given */
export function refuseProperties(
  properties: ObjectProperties | undefined,
  details: ErrorDetails,
): void {
  for (const [name, value] of Object.entries(properties ?? {}))
    if (value !== undefined)
      throw new HawserError('unsupported', `a file system keeps no ${words(name)}`, {
        ...details,
        hint: 'Leave it out, or give it to an object store.',
      })
}

/** `storageClass`: storage class. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
