// Bytes for tests, always the same.
import { isCandidate } from './cuts-by-definition.ts'

/** The first `size` bytes of splitmix64, each number little endian. */
export function pseudoRandom(size: number, seed = 42): Uint8Array<ArrayBuffer> {
  const words = new BigUint64Array(Math.ceil(size / 8))
  let state = BigInt(seed)
  for (let index = 0; index < words.length; index++) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let word = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n)
    word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn)
    words[index] = word ^ (word >> 31n)
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** `size` bytes that repeat the pattern. */
export function repeated(pattern: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, index) => pattern[index % pattern.length] ?? 0)
}

/** Letters of an alphabet, in no order. */
export function written(alphabet: string, size: number): Uint8Array<ArrayBuffer> {
  const letters = Buffer.from(alphabet)
  return pseudoRandom(size).map((byte) => letters[byte % letters.length] ?? 0)
}

/** A pattern that makes the place behind one byte of it a candidate, whenever it is repeated. */
export function hostile(period: number): Uint8Array {
  for (let seed = 1; ; seed++) {
    const pattern = pseudoRandom(period, seed)
    const twice = repeated(pattern, 64 + period)
    const candidates = pattern.filter((_, index) => isCandidate(twice, 64 + index))
    if (candidates.length === 1) return pattern
  }
}
