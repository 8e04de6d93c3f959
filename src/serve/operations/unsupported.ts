// Headers that ask for what is not implemented here. To take them in silence would be to promise what is not done.
import { S3Error } from '../errors.ts'
import type { RequestHead } from '../http/types.ts'

/** Access is by credentials alone: an ACL that says what holds anyway is taken. */
const heldAnyway: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control'])

/** @param name in lower case, beginning with `x-amz-` */
function isUnsupported(name: string, value: string): boolean {
  switch (name) {
    case 'x-amz-acl':
      return !heldAnyway.has(value)
    case 'x-amz-object-ownership':
      return value !== 'BucketOwnerEnforced'
    case 'x-amz-bucket-object-lock-enabled':
      return value.toLowerCase() !== 'false'
    case 'x-amz-website-redirect-location':
    case 'x-amz-write-offset-bytes':
    case 'x-amz-mfa':
    case 'x-amz-bypass-governance-retention':
    case 'x-amz-if-match-last-modified-time':
    case 'x-amz-if-match-size':
    case 'x-amz-rename-source-if-match':
      return true
    default:
      return (
        name.startsWith('x-amz-server-side-encryption') ||
        name.startsWith('x-amz-copy-source-server-side-encryption') ||
        name.startsWith('x-amz-object-lock-') ||
        name.startsWith('x-amz-grant-')
      )
  }
}

/** @throws S3Error NotImplemented, which names the header */
export function refuseUnsupported(headers: RequestHead['headers']): void {
  for (const name in headers) {
    if (!name.startsWith('x-amz-')) continue
    const value = headers[name]
    if (value !== undefined && isUnsupported(name, value))
      throw new S3Error('NotImplemented', {
        message: 'A header you provided implies functionality that is not implemented.',
        extra: { Header: name },
      })
  }
}
