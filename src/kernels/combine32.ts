// Joining 32-bit CRCs: appending n bytes multiplies a CRC by x^(8n) modulo its polynomial, over GF(2).

/**
 * The CRC of two strings of bytes joined, from the CRC of each and the length of the second in bytes.
 * @throws {RangeError} when the length is not a whole number below 2^53
 */
export type Combine = (first: number, second: number, secondLength: number) => number

/** For the CRC with this polynomial, bit-reflected (bit 31 is x^0). */
export function combiner(polynomial: number): Combine {
  /** x^(8 * 2^k), as far as was needed. */
  const powers = [1 << 23]

  function multiply(a: number, b: number): number {
    let product = 0
    for (let rest = b | 0; rest !== 0; rest <<= 1) {
      if (rest < 0) product ^= a
      a = (a >>> 1) ^ (a & 1 ? polynomial : 0)
    }
    return product
  }

  function power(k: number): number {
    let value = powers[k]
    if (value === undefined) {
      const root = power(k - 1)
      value = multiply(root, root)
      powers[k] = value
    }
    return value
  }

  return (first, second, secondLength) => {
    if (!Number.isSafeInteger(secondLength) || secondLength < 0) {
      throw new RangeError(`${secondLength} is not a length in bytes`)
    }
    let moved = first
    let rest = secondLength
    for (let k = 0; rest > 0; k++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) moved = multiply(power(k), moved)
    }
    return (moved ^ second) >>> 0
  }
}
