// Where content may be cut: a property of the 64 bytes before a place, so that equal content is cut alike wherever it lies.
//
// Every byte has a value, and every place a sum of those of the eight bytes before it, the last one counted once, the one
// before it twice, and so on, modulo 256. A place is a candidate when this sum and the one eight bytes before are both
// 128 to 135: one in 1,024 of random bytes. The values are a permutation, so sums of random bytes are uniform, chosen so
// that those of two letters, of digits or of text are too; and eight sums count, not one, for the lowest bits of a sum
// depend on the last bytes alone. Runs of 0, 255 or spaces are no candidates.
//
// A candidate is cut at when no other is among the 15 places before it, and when a hash of the 64 bytes begins with as
// many zero bits as asked for. The first condition bounds the work for any input: one hash for 16 bytes at most.

/** The value of a byte is one of these sixteen, by its low half (the lowest byte is that of 0), ... */
const LOW: v128 = i64x2(0xbffca21d4356f415, 0x0800e94baa5eb7e1)
/** ... exclusive-or one of these, by its high half. */
const HIGH: v128 = i64x2(0xcc67a00b9d975aaa, 0xfb36f16d01c6503c)

/** Sums from here on, to the highest byte before it: as signed bytes, less than -120. */
const BELOW: i8 = -120

/** The values of 16 bytes. */
function values(bytes: v128): v128 {
  const low = v128.and(bytes, i8x16.splat(15))
  const high = v128.and(i16x8.shr_u(bytes, 4), i8x16.splat(15))
  return v128.xor(i8x16.swizzle(LOW, low), i8x16.swizzle(HIGH, high))
}

/** Whether the hash of the 64 bytes before `place` begins with `bits` zero bits. */
function confirmed(place: usize, bits: u32): bool {
  let hash = load<u64>(place - 64) * 0x9e3779b97f4a7c15 + load<u64>(place - 56)
  hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9 + load<u64>(place - 48)
  hash = (hash ^ (hash >> 32)) * 0x94d049bb133111eb + load<u64>(place - 40)
  hash = (hash ^ (hash >> 29)) * 0x9e3779b97f4a7c15 + load<u64>(place - 32)
  hash = (hash ^ (hash >> 32)) * 0xbf58476d1ce4e5b9 + load<u64>(place - 24)
  hash = (hash ^ (hash >> 29)) * 0x94d049bb133111eb + load<u64>(place - 16)
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15 + load<u64>(place - 8)
  hash = (hash ^ (hash >> 29)) * 0xd6e8feb86659fd93
  return <u32>clz(hash) >= bits
}

/**
 * The first place behind `from`, up to `end`, where content may be cut; 0 when there is none.
 * The 64 bytes before `from` must be the content's. Up to 15 bytes behind `end` are read, whatever they are.
 */
export function find(from: usize, end: usize, bits: u32): usize {
  // Two words ahead: what was before them is not known, which tells wrong candidates in the first one only, and those
  // are too far away to matter.
  let at = from - 32
  let last = at
  let ones = i8x16.splat(0)
  let twos = i8x16.splat(0)
  let fours = i8x16.splat(0)
  let fits = i8x16.splat(0)
  while (at < end) {
    const one = values(v128.load(at))
    const one1 = i8x16.shuffle(
      ones,
      one,
      15,
      16,
      17,
      18,
      19,
      20,
      21,
      22,
      23,
      24,
      25,
      26,
      27,
      28,
      29,
      30,
    )
    const two = i8x16.add(one, i8x16.add(one1, one1))
    const two2 = i8x16.shuffle(
      twos,
      two,
      14,
      15,
      16,
      17,
      18,
      19,
      20,
      21,
      22,
      23,
      24,
      25,
      26,
      27,
      28,
      29,
    )
    const double = i8x16.add(two2, two2)
    const four = i8x16.add(two, i8x16.add(double, double))
    const four4 = i8x16.shuffle(
      fours,
      four,
      12,
      13,
      14,
      15,
      16,
      17,
      18,
      19,
      20,
      21,
      22,
      23,
      24,
      25,
      26,
      27,
    )
    const eight = i8x16.add(four, i8x16.shl(four4, 4))
    const fit = i8x16.lt_s(eight, i8x16.splat(BELOW))
    const fit8 = i8x16.shuffle(
      fits,
      fit,
      8,
      9,
      10,
      11,
      12,
      13,
      14,
      15,
      16,
      17,
      18,
      19,
      20,
      21,
      22,
      23,
    )
    const both = v128.and(fit, fit8)
    if (v128.any_true(both)) {
      const candidates = i8x16.bitmask(both)
      const first = at + <usize>ctz(candidates) + 1
      if (first > end) return 0
      if (first > from && first - last > 15 && confirmed(first, bits)) return first
      last = at + 32 - <usize>clz(candidates)
    }
    ones = one
    twos = two
    fours = four
    fits = fit
    at += 16
  }
  return 0
}
