// Commands that are about one object refuse what is none.
import { HawserError } from '../core/errors.ts'
import type { Key } from '../core/key.ts'
import type { Store } from '../core/store.ts'

/** @throws HawserError invalid-argument for a bucket, a directory or a prefix */
export function oneObject({ location }: Store, key: Key, command: string): void {
  if (key !== '' && !key.endsWith('/')) return
  throw new HawserError('invalid-argument', `${command} takes an object, not a tree of objects`, {
    op: command,
    location,
    key,
    hint: 'See what is in it with: hawser ls',
  })
}
