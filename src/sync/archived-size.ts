// Sizes of archived objects: some services (Ceph) say of such an object that it holds nothing. Its ETag stays that of its
// bytes, and so what is known of it, or a comparison of contents, tells more.
import { md5FromEtag } from '../core/digest.ts'
import { isSameEtag } from '../core/etag.ts'
import type { Place } from '../core/place.ts'
import type { Entry, Store } from '../core/store.ts'
import type { Known } from '../state/types.ts'
import type { Candidate } from './decide.ts'

/** The entry, with its size where that is known of the same object. */
export function withKnownSize<E extends Entry>(entry: E, known: Pick<Known, 'size' | 'etag'>): E {
  if (entry.size !== 0 || entry.file || known.size === 0) return entry
  return isSameEtag(entry.etag, known.etag) ? { ...entry, size: known.size } : entry
}

/** Both sides with the sizes that the state has recorded. */
export function withKnownSizes(candidate: Candidate): Candidate {
  const { source, target, row } = candidate
  if (!row || (source?.size !== 0 && target?.size !== 0)) return candidate
  return {
    ...candidate,
    source: source && withKnownSize(source, row.source),
    target: target && withKnownSize(target, row.target),
  }
}

/** Where contents decide, what nothing is known of is taken to have the size of the other side. */
export function withSizes(a: Place, b: Place, candidate: Candidate): Candidate {
  const known = withKnownSizes(candidate)
  const { source, target } = known
  if (!source || !target || (source.size !== 0) === (target.size !== 0)) return known
  return {
    ...known,
    source: withSizeOf(a.store, source, target),
    target: withSizeOf(b.store, target, source),
  }
}

const md5OfNothing = 'd41d8cd98f00b204e9800998ecf8427e'

function withSizeOf({ archive }: Store, entry: Entry, other: Entry): Entry {
  const { size, kind, etag } = entry
  if (size !== 0 || kind !== 'file' || etag === undefined || !archive?.mayHold(entry)) return entry
  return md5FromEtag(etag) === md5OfNothing ? entry : { ...entry, size: other.size }
}
