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
