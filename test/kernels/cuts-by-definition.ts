// The cuts by their definition, one place after the other, for what the kernel says to be compared with.

const low = Buffer.from('15f456431da2fcbfe1b75eaa4be90008', 'hex')
const high = Buffer.from('aa5a979d0ba067cc3c50c6016df136fb', 'hex')

function valueOf(byte: number): number {
  return (low[byte & 15] ?? 0) ^ (high[byte >> 4] ?? 0)
}

/** Whether the eight bytes before `place`, and the eight before those, sum up to 128 to 135. */
export function isCandidate(bytes: Uint8Array, place: number): boolean {
  return [place, place - 8].every((end) => {
    let sum = 0
    for (let at = end - 8; at < end; at++) sum = (sum * 2 + valueOf(bytes[at] ?? 0)) & 255
    return sum >= 128 && sum < 136
  })
}

function isAlone(bytes: Uint8Array, place: number): boolean {
  for (let before = 1; before < 16; before++) {
    if (isCandidate(bytes, place - before)) return false
  }
  return true
}

function mixed(hash: bigint, by: bigint, factor: bigint): bigint {
  return (hash ^ (hash >> by)) * factor
}

/** Zero bits at the front of the hash of the 64 bytes before `place`. */
function zeros(bytes: Uint8Array, place: number): number {
  const window = new DataView(bytes.buffer, bytes.byteOffset + place - 64, 64)
  const word = (at: number): bigint => window.getBigUint64(at, true)
  let hash = BigInt.asUintN(64, word(0) * 0x9e3779b97f4a7c15n + word(8))
  hash = BigInt.asUintN(64, mixed(hash, 29n, 0xbf58476d1ce4e5b9n) + word(16))
  hash = BigInt.asUintN(64, mixed(hash, 32n, 0x94d049bb133111ebn) + word(24))
  hash = BigInt.asUintN(64, mixed(hash, 29n, 0x9e3779b97f4a7c15n) + word(32))
  hash = BigInt.asUintN(64, mixed(hash, 32n, 0xbf58476d1ce4e5b9n) + word(40))
  hash = BigInt.asUintN(64, mixed(hash, 29n, 0x94d049bb133111ebn) + word(48))
  hash = BigInt.asUintN(64, mixed(hash, 32n, 0x9e3779b97f4a7c15n) + word(56))
  hash = BigInt.asUintN(64, mixed(hash, 29n, 0xd6e8feb86659fd93n))
  return 64 - (hash === 0n ? 0 : hash.toString(2).length)
}

export function cutsByDefinition(bytes: Uint8Array, average: number): number[] {
  const cuts: number[] = []
  let start = 0
  for (let place = 1; place <= bytes.length; place++) {
    const length = place - start
    if (length < average / 4) continue
    const odds = Math.log2(average) + (length < average ? 2 : -2)
    const suits = (): boolean =>
      isCandidate(bytes, place) && isAlone(bytes, place) && zeros(bytes, place) >= odds - 10
    if (length < average * 4 && !suits()) continue
    cuts.push(place)
    start = place
  }
  return cuts
}
