// A number for each different chunk. Whoever wrote a signature chose its digests, so that the places in the table follow
// from a key that nobody knows: the chance that any two chunks fall into one place is the same for all chunks.
import { type Chunks, digestSize } from './chunks.ts'

export interface Identities {
  /** The number of each chunk; equal ones have the same, in the order in which they first come. */
  readonly of: Int32Array
  /** How many are different. */
  readonly count: number
  /** The numbers of other chunks, -1 for those that are not among these. */
  find(others: Chunks): Int32Array
}

/** Of a chunk, of 32 bits each: its digest, and its length. */
const words = digestSize / 4 + 1
/** The largest prime number below 2^31. */
const prime = 2 ** 31 - 1

export function identify(chunks: Chunks): Identities {
  const known = wordsOf(chunks)
  const hash = keyedHash()
  const mask = 2 ** Math.ceil(Math.log2(chunks.count + 1)) - 1
  /** For each place, and behind each chunk: the next chunk in that place, plus one. */
  const first = new Int32Array(mask + 1)
  const behind = new Int32Array(chunks.count)
  const of = new Int32Array(chunks.count)
  let count = 0
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    const place = hash(known, chunk) & mask
    const same = holderIn(place, known, chunk)
    of[chunk] = same < 0 ? count++ : at(of, same)
    if (same >= 0) continue
    behind[chunk] = at(first, place)
    first[place] = chunk + 1
  }
  return {
    of,
    count,
    find(others) {
      const unknown = wordsOf(others)
      const found = new Int32Array(others.count)
      for (let chunk = 0; chunk < others.count; chunk++) {
        const same = holderIn(hash(unknown, chunk) & mask, unknown, chunk)
        found[chunk] = same < 0 ? -1 : at(of, same)
      }
      return found
    },
  }

  function holderIn(place: number, others: Int32Array, chunk: number): number {
    let holder = at(first, place) - 1
    while (holder >= 0 && !isSame(known, holder, others, chunk)) holder = at(behind, holder) - 1
    return holder
  }
}

/** A sum of products by a random key, modulo a prime: of half words, so that it is exact. */
function keyedHash(): (of: Int32Array, chunk: number) => number {
  const key = Float64Array.from(crypto.getRandomValues(new Uint32Array(2 * words)), (k) => k >>> 1)
  return (of, chunk) => {
    let sum = 0
    for (let i = 0; i < words; i++) {
      const word = at(of, chunk * words + i)
      sum += (word & 0xffff) * (key[2 * i] ?? 0) + (word >>> 16) * (key[2 * i + 1] ?? 0)
    }
    return sum % prime
  }
}

function isSame(some: Int32Array, i: number, others: Int32Array, k: number): boolean {
  for (let word = 0; word < words; word++)
    if (at(some, i * words + word) !== at(others, k * words + word)) return false
  return true
}

function wordsOf({ count, ends, digests }: Chunks): Int32Array {
  const result = new Int32Array(count * words)
  const source = new Int32Array(new Uint8Array(digests).buffer)
  for (let chunk = 0; chunk < count; chunk++) {
    for (let i = 0; i < words - 1; i++)
      result[chunk * words + i] = at(source, chunk * (words - 1) + i)
    result[chunk * words + words - 1] = (ends[chunk] ?? 0) - (ends[chunk - 1] ?? 0)
  }
  return result
}

/** What the index is known to hold. */
function at(values: Int32Array, index: number): number {
  return values[index] ?? 0
}
