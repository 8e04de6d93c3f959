// Where a listing goes on: the last name of the page before, in a form that clients do not look into.
import { invalidArgument } from './arguments.ts'

export function writeToken(name: string): string {
  return Buffer.from(name).toString('base64url')
}

/** @throws S3Error InvalidArgument for what writeToken has not made */
export function readToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString()
  if (name === '' || writeToken(name) !== token)
    throw invalidArgument(
      'continuation-token',
      token,
      'The continuation token provided is incorrect',
    )
  return name
}
