// Sizes of archived objects: some services (Ceph) say of such an object that it holds nothing. Its ETag stays that of its
// bytes, and so what is known of it, or a comparison of contents, tells more.
import { md5FromEtag } from '../core/digest.ts'
import { isSameEtag } from '../core/etag.ts'
import type { Entry, Store } from '../core/store.ts'
import type { Known } from '../state/types.ts'
import type { Candidate } from './decide.ts'
import type { Session } from './session.ts'

/** The entry, with its size where that is known of the same object. */
export function withKnownSize<E extends Entry>(entry: E, known: Pick<Known, 'size' | 'etag'>): E {
  if (entry.size !== 0 || entry.file || known.size === 0) return entry
  return isSameEtag(entry.etag, known.etag) ? { ...entry, size: known.size } : entry
}

/** What nothing is known of is taken to have the size of the other side: then contents decide. */
export function withSizes({ from, to, rules }: Session, candidate: Candidate): Candidate {
  const { source, target, row } = candidate
  if (source?.size !== 0 && target?.size !== 0) return candidate
  const known = {
    ...candidate,
    source: source && row ? withKnownSize(source, row.source) : source,
    target: target && row ? withKnownSize(target, row.target) : target,
  }
  const [here, there] = [known.source, known.target]
  if (!here || !there || rules.sizeOnly || (here.size === 0) === (there.size === 0)) return known
  if (here.size === 0)
    return isUntold(from.store, here) ? { ...known, source: { ...here, size: there.size } } : known
  return isUntold(to.store, there) ? { ...known, target: { ...there, size: here.size } } : known
}

const md5OfNothing = 'd41d8cd98f00b204e9800998ecf8427e'

function isUntold({ archive }: Store, entry: Entry): boolean {
  if (entry.kind !== 'file' || entry.etag === undefined || !archive?.mayHold(entry)) return false
  return md5FromEtag(entry.etag) !== md5OfNothing
}
