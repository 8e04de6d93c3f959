// Where a store is: a scheme, a service, a root. Never a secret.

export interface Location {
  /** `file`, `s3`, `memory` … */
  readonly scheme: string
  /** The service's origin (`https://host:port`), where the scheme alone does not tell; no user info. */
  readonly endpoint: string | undefined
  /** The bucket, or the absolute directory; empty for a service as a whole. */
  readonly root: string
}

/** The address as a user would type it. */
export function formatAddress(location: Location, key = ''): string {
  if (location.scheme !== 'file')
    return `${location.scheme}://${location.root}${location.root ? '/' : ''}${key}`
  return key === '' ? location.root : `${location.root === '/' ? '' : location.root}/${key}`
}

/** A name for the place that no other place has: what the state files its knowledge under. */
export function locationId(location: Location): string {
  return JSON.stringify([location.scheme, location.endpoint ?? '', location.root])
}

/** What a name stands for. @throws TypeError for what is none */
export function locationOf(id: string): Location {
  const parts: unknown = JSON.parse(id)
  const [scheme, endpoint, root]: unknown[] = Array.isArray(parts) ? parts : []
  if (typeof scheme !== 'string' || typeof endpoint !== 'string' || typeof root !== 'string')
    throw new TypeError(`no name of a place: ${id}`)
  return { scheme, endpoint: endpoint || undefined, root }
}
