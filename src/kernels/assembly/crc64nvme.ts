// CRC64NVME of bytes in linear memory, without copying them.
//
// A CRC is the remainder of the message, read as a polynomial over GF(2), by the polynomial P.
// Every multiple G of P will do for the long part of the division, and this G has seven terms only,
// all at whole bytes: G = x^(8*D1) + the sum of x^(8*(D1 - d)) over the lags d = D1 to D6. Dividing by
// it makes each quotient byte w[i] = m[i] ^ w[i-D1] ^ ... ^ w[i-D6], which needs no tables and, as the
// smallest lag is 3,043 bytes, runs on whole SIMD words. What remains (D1 bytes, to which the end of
// the message is added) is divided by P with tables, sixteen bytes at a time.
//
// The CRC so far is to be added to the first eight bytes of the message. It is put into the history
// instead, from w[-D1] on, which reaches w[0] to w[7] and nothing else: the message is never written to.
//
// Values are bit-reflected: bit 63 is x^0.

const POLYNOMIAL: u64 = 0x9a6c9329ac4bc9b5

// Lags in bytes, longest first. The longest is the degree of G.
const D1: usize = 11674
const D2: usize = 9709
const D3: usize = 7604
const D4: usize = 5909
const D5: usize = 5499
const D6: usize = 3043

/** The degree of G in bytes, rounded up to whole SIMD words: history needed, and bytes left to the tables. */
const SPAN: usize = 11680
/** Quotient bytes made before the history is moved back to the front. */
const BLOCK: usize = 20480

// Memory: tables, powers, history, quotient, room for the remainder. The caller's bytes lie above.
const TABLES: usize = 0
const POWERS: usize = 16 * 2048
const QUOTIENT: usize = POWERS + 512 + SPAN
/** Where the caller's bytes may begin. */
export const FRONT: usize = (QUOTIENT + BLOCK + SPAN + 4095) & ~4095

/** From this length on folding is cheaper than tables (measured). */
const FOLD_FROM: usize = 16384

for (let byte: usize = 0; byte < 256; byte++) {
  let crc: u64 = byte
  for (let bit = 0; bit < 8; bit++) crc = timesX(crc)
  store<u64>(TABLES + (byte << 3), crc)
}
for (let at = TABLES; at < POWERS - 2048; at += 8) {
  const crc = load<u64>(at)
  store<u64>(at + 2048, look(0, crc & 255) ^ (crc >> 8))
}
store<u64>(POWERS, (<u64>1) << 55)
for (let at = POWERS; at < POWERS + 504; at += 8) {
  const power = load<u64>(at)
  store<u64>(at + 8, multiply(power, power))
}

function timesX(a: u64): u64 {
  return (a >> 1) ^ (POLYNOMIAL & (0 - (a & 1)))
}

function multiply(a: u64, b: u64): u64 {
  let product: u64 = 0
  while (b) {
    product ^= a & (0 - (b >> 63))
    a = timesX(a)
    b <<= 1
  }
  return product
}

/** The CRC of `byte` followed by `zeros` zero bytes. */
function look(zeros: usize, byte: u64): u64 {
  return load<u64>(TABLES + (zeros << 11) + ((<usize>byte) << 3))
}

/** Divides by P with tables: the state after the `size` bytes at `from`. */
function divide(state: u64, from: usize, size: usize): u64 {
  let end = from + (size & ~15)
  while (from < end) {
    const b = load<u64>(from, 8)
    const late =
      look(7, b & 255) ^
      look(6, (b >> 8) & 255) ^
      look(5, (b >> 16) & 255) ^
      look(4, (b >> 24) & 255) ^
      look(3, (b >> 32) & 255) ^
      look(2, (b >> 40) & 255) ^
      look(1, (b >> 48) & 255) ^
      look(0, b >> 56)
    const a = load<u64>(from) ^ state
    // Written as a tree, for the next step waits for it.
    state =
      late ^
      (look(15, a & 255) ^ look(14, (a >> 8) & 255)) ^
      (look(13, (a >> 16) & 255) ^
        look(12, (a >> 24) & 255) ^
        (look(11, (a >> 32) & 255) ^ look(10, (a >> 40) & 255))) ^
      (look(9, (a >> 48) & 255) ^ look(8, a >> 56))
    from += 16
  }
  end = from + (size & 15)
  while (from < end) {
    state = look(0, (state ^ load<u8>(from)) & 255) ^ (state >> 8)
    from++
  }
  return state
}

/** The sum of the six earlier quotient words that the word at `at` depends on. */
function earlier(at: usize): v128 {
  const p = at - D1
  return v128.xor(
    v128.xor(v128.xor(v128.load(p), v128.load(p, D1 - D2)), v128.load(p, D1 - D3)),
    v128.xor(v128.xor(v128.load(p, D1 - D4), v128.load(p, D1 - D5)), v128.load(p, D1 - D6)),
  )
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
export function crc64nvme(crc: u64, from: usize, size: usize): u64 {
  if (size < FOLD_FROM) return ~divide(~crc, from, size)
  memory.fill(QUOTIENT - SPAN, 0, SPAN)
  store<u64>(QUOTIENT - D1, ~crc)
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

/** The CRC of two strings of bytes joined, from the CRC of each and the length of the second. */
export function combine(first: u64, second: u64, secondLength: u64): u64 {
  for (let at = POWERS; secondLength; at += 8) {
    if (secondLength & 1) first = multiply(load<u64>(at), first)
    secondLength >>= 1
  }
  return first ^ second
}
