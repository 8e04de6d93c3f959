// Files, and objects that may hold them in compressed form: they are the same where the object's marker tells of the file.
import type { Entry, Traits } from '../core/store.ts'
import { type CompressedForm, compressedForm } from '../transfer/compress/form.ts'
import { smallestCompressed } from '../transfer/compress/worth.ts'
import { crc64nvmeOf, type DigestContext } from '../transfer/digest.ts'
import type { Side } from './evidence.ts'

/** Whether one may hold the other in compressed form, by their sizes: only then it is worth a request. */
export function mayBeForms(
  [a, ofA]: readonly [Entry, Traits],
  [b, ofB]: readonly [Entry, Traits],
): boolean {
  if (ofA.hierarchical === ofB.hierarchical) return false
  const [file, object] = ofA.hierarchical ? [a, b] : [b, a]
  if (file.kind !== 'file' || object.kind !== 'file') return false
  return file.size >= smallestCompressed && object.size > 0 && object.size < file.size
}

/** What the object holds where that has the file's size; undefined for another object, and one that changed meanwhile. */
export async function formOfOther(
  a: Side,
  b: Side,
  { signal, meter }: DigestContext,
): Promise<CompressedForm | undefined> {
  const [file, object] = fileAndObject(a, b)
  const info = await object.store.stat(object.seen.key, { signal, meter: object.meter ?? meter })
  if (info.size !== object.entry.size || info.etag !== object.entry.etag) return undefined
  const form = compressedForm(info)
  return form?.size === file.entry.size ? form : undefined
}

/** The checksum of the file, which one of the two is. */
export async function crcOfFile(a: Side, b: Side, context: DigestContext): Promise<bigint> {
  const [file] = fileAndObject(a, b)
  return crc64nvmeOf(file.store, file.seen, context)
}

export function fileAndObject(a: Side, b: Side): readonly [file: Side, object: Side] {
  return a.store.traits.hierarchical ? [a, b] : [b, a]
}
