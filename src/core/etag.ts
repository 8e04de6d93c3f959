// ETags as services tell them.

/** Ceph gives an object that was brought back from an archive the same ETag as before, with its quotes twice. */
export function isSameEtag(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a === b || unquoted(a) === unquoted(b)
}

function unquoted(etag: string): string {
  return etag.replace(/^"+|"+$/g, '')
}
