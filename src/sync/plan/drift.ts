// What is no longer as it was planned is refused, by its name.
import { HawserError } from '../../core/errors.ts'
import { type Session, sourceKey, targetKey } from '../session.ts'

const hint = 'It was left as it is. Make a new plan, which takes it as it is now.'

export function sourceDrifted(session: Session, name: string): HawserError {
  return new HawserError('conflict', 'the source is not what the plan says', {
    op: 'apply',
    location: session.from.store.location,
    key: sourceKey(session, name),
    hint,
  })
}

export function targetDrifted(session: Session, name: string): HawserError {
  return new HawserError('conflict', 'the destination is not what the plan says', {
    op: 'apply',
    location: session.to.store.location,
    key: targetKey(session, name),
    hint,
  })
}

/** @param origin the name that its bytes were to be copied from */
export function originDrifted(session: Session, name: string, origin: string): HawserError {
  return new HawserError(
    'conflict',
    `${origin}, which it was to be copied from, is not what the plan says`,
    {
      op: 'apply',
      location: session.to.store.location,
      key: targetKey(session, name),
      hint,
    },
  )
}
