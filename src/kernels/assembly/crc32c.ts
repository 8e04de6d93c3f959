// CRC32C (Castagnoli) of bytes in linear memory, without copying them.
//
// As in crc64nvme.ts: the long part of the message is divided by a sparse multiple G of the polynomial P, which takes
// no tables, and what remains by P itself. Four terms are enough for a polynomial of degree 32:
// G = x^(8*D1) + x^(8*(D1-D2)) + x^(8*(D1-D3)) + 1, so that a quotient byte is w[i] = m[i] ^ w[i-D1] ^ w[i-D2] ^ w[i-D3].
// (P is divisible by x + 1, so G has an even number of terms.)
//
// Values are bit-reflected: bit 31 is x^0.

const POLYNOMIAL: u32 = 0x82f63b78

// Lags in bytes, longest first. Each is longer than what a processor's store buffer holds, for a load that spans two
// stores waits until both have left it.
const D1: usize = 5321
const D2: usize = 2830
const D3: usize = 1747

/** The degree of G in bytes, rounded up to whole SIMD words: history needed, and bytes left to the tables. */
const SPAN: usize = 5328
/** Quotient bytes made before the history is moved back to the front. */
const BLOCK: usize = 16384

// Memory: tables, history, quotient, room for the remainder. The caller's bytes lie above.
const TABLES: usize = 0
const QUOTIENT: usize = 16 * 1024 + SPAN
/** Where the caller's bytes may begin. */
export const FRONT: usize = (QUOTIENT + BLOCK + SPAN + 4095) & ~4095

/** From this length on folding is cheaper than tables (measured). */
const FOLD_FROM: usize = 8192

for (let byte: usize = 0; byte < 256; byte++) {
  let crc: u32 = <u32>byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)))
  store<u32>(TABLES + (byte << 2), crc)
}
for (let at = TABLES; at < TABLES + 15 * 1024; at += 4) {
  const crc = load<u32>(at)
  store<u32>(at + 1024, look(0, crc & 255) ^ (crc >> 8))
}

/** The CRC of `byte` followed by `zeros` zero bytes. */
function look(zeros: usize, byte: u32): u32 {
  return load<u32>(TABLES + (zeros << 10) + (byte << 2))
}

/** The CRC of four bytes followed by `zeros` zero bytes. */
function lookWord(zeros: usize, word: u32): u32 {
  return (
    look(zeros + 3, word & 255) ^
    look(zeros + 2, (word >> 8) & 255) ^
    (look(zeros + 1, (word >> 16) & 255) ^ look(zeros, word >> 24))
  )
}

/** Divides by P with tables: the state after the `size` bytes at `from`. */
function divide(state: u32, from: usize, size: usize): u32 {
  let end = from + (size & ~15)
  while (from < end) {
    const late =
      lookWord(8, load<u32>(from, 4)) ^
      lookWord(4, load<u32>(from, 8)) ^
      lookWord(0, load<u32>(from, 12))
    state = late ^ lookWord(12, load<u32>(from) ^ state)
    from += 16
  }
  end = from + (size & 15)
  while (from < end) {
    state = look(0, (state ^ load<u8>(from)) & 255) ^ (state >> 8)
    from++
  }
  return state
}

/** The sum of the three earlier quotient words that the word at `at` depends on. */
function earlier(at: usize): v128 {
  const p = at - D1
  return v128.xor(v128.xor(v128.load(p), v128.load(p, D1 - D2)), v128.load(p, D1 - D3))
}

/**
 * Divides by G: `size` quotient bytes (a multiple of 32) to QUOTIENT.
 * Exported so that it stays a function of its own: engines optimise hot code from its next call on.
 */
export function fold(from: usize, size: usize): void {
  let at = QUOTIENT
  const end = at + size
  while (at < end) {
    v128.store(at, v128.xor(v128.load(from), earlier(at)))
    v128.store(at, v128.xor(v128.load(from, 16), earlier(at + 16)), 16)
    from += 32
    at += 32
  }
}

/** The CRC of what `crc` (0 for nothing) stands for, followed by the `size` bytes at `from`. */
export function crc32c(crc: u32, from: usize, size: usize): u32 {
  if (size < FOLD_FROM) return ~divide(~crc, from, size)
  memory.fill(QUOTIENT - SPAN, 0, SPAN)
  store<u32>(QUOTIENT - D1, ~crc)
  const end = from + size
  let left = (size - SPAN) & ~31
  let done = min(left, BLOCK)
  fold(from, done)
  while (left > done) {
    memory.copy(QUOTIENT - SPAN, QUOTIENT + done - SPAN, SPAN)
    from += done
    left -= done
    done = min(left, BLOCK)
    fold(from, done)
  }
  from += done
  // The remainder is the division going on without new quotient bytes. From the back, for it takes their place.
  const remainder = QUOTIENT + done
  memory.fill(remainder, 0, SPAN)
  for (let at = SPAN; at > 0;) {
    at -= 16
    v128.store(remainder + at, v128.xor(v128.load(from + at), earlier(remainder + at)))
  }
  const state = divide(0, remainder, SPAN)
  return ~divide(state, from + SPAN, end - from - SPAN)
}
