// Ceph keeps the objects of a cloud tier at another service, and gets their bytes back for some days. Until these end, an
// object is readable, but a copy of it is not one of its own: it loses its bytes with those days, and at once where it
// is given other attributes than the object has. No object can be written into the class of a tier either.

/** Whether the answer is about the bytes of a cloud tier, which are here for some days. */
export function isOfCloudTier(headers: ReadonlyMap<string, string>): boolean {
  return headers.has('x-rgw-object-type') && headers.has('x-amz-restore')
}
