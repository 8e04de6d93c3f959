// MD5 of several messages at once. One message leaves a processor idle: each of the 64 steps of a block waits for the
// step before. So four messages go in step, each in a lane of a SIMD word, in hardly more time than one; and eight as
// two such sets side by side, for the steps of one fill the waits of the other.
//
// The steps are those of RFC 1321. The words of a block lie in memory twice, one copy behind the other: so the words
// of four steps are at fixed distances, though the RFC takes their places modulo 16. The rounds are loops, and not
// written out, for more reasons than length: compilers would put all steps of one set before those of the other, and
// keep words in registers that they do not have.

/** Of the steps: the first 32 bits of the fraction of |sin(step)|. */
const CONSTANTS = memory.data<u32>([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
])

// Memory: the constants, lanes, words. The caller's bytes lie above.
/** By lane: the state, sixteen bytes as in a digest. */
export const STATES: usize = 4096
/** By lane: where its next block is. Those of lanes that are not in use must be addresses of blocks too. */
export const ADDRESSES: usize = STATES + 8 * 16
/** The state before a block, of a set of four lanes and of the other. */
const BEFORE: usize = ADDRESSES + 8 * 4
/** The words of a block, of a set of four lanes and of the other. */
const WORDS: usize = BEFORE + 2 * 64
/** From the words of one set to those of the other. */
const SET: usize = 2 * 256
/** Where the caller's bytes may begin. */
export const FRONT: usize = 8192

// Round 4 adds the complement of a word y, which is -y - 1: its constants are one less, and lanes subtract y.
for (let i = 48; i < 64; i++) {
  const constant = CONSTANTS + (i << 2)
  store<u32>(constant, load<u32>(constant) - 1)
}

/** What a step adds that does not depend on the step before. */
function term(a: u32, constants: usize, step: usize, words: usize, word: usize): u32 {
  return a + load<u32>(constants + (step << 2)) + load<u32>(words + (word << 2))
}

function turn1(b: u32, c: u32, d: u32, sum: u32, by: u32): u32 {
  return b + rotl<u32>(sum + (d ^ (b & (c ^ d))), by)
}

/** The two parts of its function have no bits in common, so they are added: first the one that does not wait for b. */
function turn2(b: u32, c: u32, d: u32, sum: u32, by: u32): u32 {
  return b + rotl<u32>(sum + (c & ~d) + (b & d), by)
}

function turn3(b: u32, c: u32, d: u32, sum: u32, by: u32): u32 {
  return b + rotl<u32>(sum + (b ^ (c ^ d)), by)
}

/** Adds the complement itself, and the one that the constant lacks: the wait for b is an instruction shorter. */
function turn4(b: u32, c: u32, d: u32, sum: u32, by: u32): u32 {
  return b + rotl<u32>(sum + 1 + (c ^ (b | ~d)), by)
}

// The same of four lanes.

function terms(a: v128, constants: usize, step: usize, words: usize, word: usize): v128 {
  const constant = v128.load_splat<u32>(constants + (step << 2))
  return v128.add<u32>(a, v128.add<u32>(constant, v128.load(words + (word << 4))))
}

function turned(b: v128, sum: v128, by: i32): v128 {
  return v128.add<u32>(b, v128.or(v128.shl<u32>(sum, by), v128.shr<u32>(sum, 32 - by)))
}

function turns1(b: v128, c: v128, d: v128, sum: v128, by: i32): v128 {
  return turned(b, v128.add<u32>(sum, v128.xor(d, v128.and(b, v128.xor(c, d)))), by)
}

function turns2(b: v128, c: v128, d: v128, sum: v128, by: i32): v128 {
  return turned(b, v128.add<u32>(v128.add<u32>(sum, v128.andnot(c, d)), v128.and(b, d)), by)
}

function turns3(b: v128, c: v128, d: v128, sum: v128, by: i32): v128 {
  return turned(b, v128.add<u32>(sum, v128.xor(b, v128.xor(c, d))), by)
}

function turns4(b: v128, c: v128, d: v128, sum: v128, by: i32): v128 {
  return turned(b, v128.sub<u32>(sum, v128.xor(c, v128.andnot(d, b))), by)
}

/** Four times four words, rows to columns, which go to two places. */
function transpose(
  from0: usize,
  from1: usize,
  from2: usize,
  from3: usize,
  to: usize,
  also: usize,
): void {
  const row0 = v128.load(from0)
  const row1 = v128.load(from1)
  const row2 = v128.load(from2)
  const row3 = v128.load(from3)
  const low01 = v128.shuffle<u32>(row0, row1, 0, 4, 1, 5)
  const low23 = v128.shuffle<u32>(row2, row3, 0, 4, 1, 5)
  const high01 = v128.shuffle<u32>(row0, row1, 2, 6, 3, 7)
  const high23 = v128.shuffle<u32>(row2, row3, 2, 6, 3, 7)
  const column0 = v128.shuffle<u64>(low01, low23, 0, 2)
  const column1 = v128.shuffle<u64>(low01, low23, 1, 3)
  const column2 = v128.shuffle<u64>(high01, high23, 0, 2)
  const column3 = v128.shuffle<u64>(high01, high23, 1, 3)
  v128.store(to, column0)
  v128.store(to, column1, 16)
  v128.store(to, column2, 32)
  v128.store(to, column3, 48)
  v128.store(also, column0)
  v128.store(also, column1, 16)
  v128.store(also, column2, 32)
  v128.store(also, column3, 48)
}

/** The words of the blocks that are `offset` behind the addresses of four lanes. */
function gather(addresses: usize, offset: usize, to: usize): void {
  const from0 = <usize>load<u32>(addresses) + offset
  const from1 = <usize>load<u32>(addresses, 4) + offset
  const from2 = <usize>load<u32>(addresses, 8) + offset
  const from3 = <usize>load<u32>(addresses, 12) + offset
  for (let at: usize = 0; at < 64; at += 16) {
    const words = to + (at << 2)
    transpose(from0 + at, from1 + at, from2 + at, from3 + at, words, words + 256)
  }
}

/** The states of four lanes, to words of four lanes or back. */
function turnStates(from: usize, to: usize): void {
  transpose(from, from + 16, from + 32, from + 48, to, to)
}

/** Advances the first lane by `blocks` blocks of 64 bytes. */
export function one(blocks: usize): void {
  let from: usize = load<u32>(ADDRESSES)
  const end = from + (blocks << 6)
  let a = load<u32>(STATES)
  let b = load<u32>(STATES, 4)
  let c = load<u32>(STATES, 8)
  let d = load<u32>(STATES, 12)
  for (; from < end; from += 64) {
    for (let at: usize = 0; at < 64; at += 16) {
      const words = v128.load(from + at)
      v128.store(WORDS + at, words)
      v128.store(WORDS + at, words, 64)
    }
    const beforeA = a
    const beforeB = b
    const beforeC = c
    const beforeD = d
    for (let i: usize = 0; i < 16; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (i << 2)
      a = turn1(b, c, d, term(a, k, 0, w, 0), 7)
      d = turn1(a, b, c, term(d, k, 1, w, 1), 12)
      c = turn1(d, a, b, term(c, k, 2, w, 2), 17)
      b = turn1(c, d, a, term(b, k, 3, w, 3), 22)
    }
    for (let i: usize = 16; i < 32; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + ((i & 15) << 2)
      a = turn2(b, c, d, term(a, k, 0, w, 1), 5)
      d = turn2(a, b, c, term(d, k, 1, w, 6), 9)
      c = turn2(d, a, b, term(c, k, 2, w, 11), 14)
      b = turn2(c, d, a, term(b, k, 3, w, 0), 20)
    }
    for (let i: usize = 32; i < 48; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 2)
      a = turn3(b, c, d, term(a, k, 0, w, 5), 4)
      d = turn3(a, b, c, term(d, k, 1, w, 8), 11)
      c = turn3(d, a, b, term(c, k, 2, w, 11), 16)
      b = turn3(c, d, a, term(b, k, 3, w, 14), 23)
    }
    for (let i: usize = 48; i < 64; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 2)
      a = turn4(b, c, d, term(a, k, 0, w, 0), 6)
      d = turn4(a, b, c, term(d, k, 1, w, 7), 10)
      c = turn4(d, a, b, term(c, k, 2, w, 14), 15)
      b = turn4(c, d, a, term(b, k, 3, w, 5), 21)
    }
    a += beforeA
    b += beforeB
    c += beforeC
    d += beforeD
  }
  store<u32>(STATES, a)
  store<u32>(STATES, b, 4)
  store<u32>(STATES, c, 8)
  store<u32>(STATES, d, 12)
}

/** The same of the first four lanes. */
export function four(blocks: usize): void {
  turnStates(STATES, BEFORE)
  let a = v128.load(BEFORE)
  let b = v128.load(BEFORE, 16)
  let c = v128.load(BEFORE, 32)
  let d = v128.load(BEFORE, 48)
  const end = blocks << 6
  for (let at: usize = 0; at < end; at += 64) {
    gather(ADDRESSES, at, WORDS)
    for (let i: usize = 0; i < 16; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (i << 4)
      a = turns1(b, c, d, terms(a, k, 0, w, 0), 7)
      d = turns1(a, b, c, terms(d, k, 1, w, 1), 12)
      c = turns1(d, a, b, terms(c, k, 2, w, 2), 17)
      b = turns1(c, d, a, terms(b, k, 3, w, 3), 22)
    }
    for (let i: usize = 16; i < 32; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + ((i & 15) << 4)
      a = turns2(b, c, d, terms(a, k, 0, w, 1), 5)
      d = turns2(a, b, c, terms(d, k, 1, w, 6), 9)
      c = turns2(d, a, b, terms(c, k, 2, w, 11), 14)
      b = turns2(c, d, a, terms(b, k, 3, w, 0), 20)
    }
    for (let i: usize = 32; i < 48; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 4)
      a = turns3(b, c, d, terms(a, k, 0, w, 5), 4)
      d = turns3(a, b, c, terms(d, k, 1, w, 8), 11)
      c = turns3(d, a, b, terms(c, k, 2, w, 11), 16)
      b = turns3(c, d, a, terms(b, k, 3, w, 14), 23)
    }
    for (let i: usize = 48; i < 64; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 4)
      a = turns4(b, c, d, terms(a, k, 0, w, 0), 6)
      d = turns4(a, b, c, terms(d, k, 1, w, 7), 10)
      c = turns4(d, a, b, terms(c, k, 2, w, 14), 15)
      b = turns4(c, d, a, terms(b, k, 3, w, 5), 21)
    }
    v128.store(BEFORE, (a = v128.add<u32>(a, v128.load(BEFORE))))
    v128.store(BEFORE, (b = v128.add<u32>(b, v128.load(BEFORE, 16))), 16)
    v128.store(BEFORE, (c = v128.add<u32>(c, v128.load(BEFORE, 32))), 32)
    v128.store(BEFORE, (d = v128.add<u32>(d, v128.load(BEFORE, 48))), 48)
  }
  turnStates(BEFORE, STATES)
}

/** The same of eight lanes. */
export function eight(blocks: usize): void {
  turnStates(STATES, BEFORE)
  turnStates(STATES + 64, BEFORE + 64)
  let a = v128.load(BEFORE)
  let b = v128.load(BEFORE, 16)
  let c = v128.load(BEFORE, 32)
  let d = v128.load(BEFORE, 48)
  let a2 = v128.load(BEFORE, 64)
  let b2 = v128.load(BEFORE, 80)
  let c2 = v128.load(BEFORE, 96)
  let d2 = v128.load(BEFORE, 112)
  const end = blocks << 6
  for (let at: usize = 0; at < end; at += 64) {
    gather(ADDRESSES, at, WORDS)
    gather(ADDRESSES + 16, at, WORDS + SET)
    for (let i: usize = 0; i < 16; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (i << 4)
      a = turns1(b, c, d, terms(a, k, 0, w, 0), 7)
      a2 = turns1(b2, c2, d2, terms(a2, k, 0, w + SET, 0), 7)
      d = turns1(a, b, c, terms(d, k, 1, w, 1), 12)
      d2 = turns1(a2, b2, c2, terms(d2, k, 1, w + SET, 1), 12)
      c = turns1(d, a, b, terms(c, k, 2, w, 2), 17)
      c2 = turns1(d2, a2, b2, terms(c2, k, 2, w + SET, 2), 17)
      b = turns1(c, d, a, terms(b, k, 3, w, 3), 22)
      b2 = turns1(c2, d2, a2, terms(b2, k, 3, w + SET, 3), 22)
    }
    for (let i: usize = 16; i < 32; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + ((i & 15) << 4)
      a = turns2(b, c, d, terms(a, k, 0, w, 1), 5)
      a2 = turns2(b2, c2, d2, terms(a2, k, 0, w + SET, 1), 5)
      d = turns2(a, b, c, terms(d, k, 1, w, 6), 9)
      d2 = turns2(a2, b2, c2, terms(d2, k, 1, w + SET, 6), 9)
      c = turns2(d, a, b, terms(c, k, 2, w, 11), 14)
      c2 = turns2(d2, a2, b2, terms(c2, k, 2, w + SET, 11), 14)
      b = turns2(c, d, a, terms(b, k, 3, w, 0), 20)
      b2 = turns2(c2, d2, a2, terms(b2, k, 3, w + SET, 0), 20)
    }
    for (let i: usize = 32; i < 48; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 4)
      a = turns3(b, c, d, terms(a, k, 0, w, 5), 4)
      a2 = turns3(b2, c2, d2, terms(a2, k, 0, w + SET, 5), 4)
      d = turns3(a, b, c, terms(d, k, 1, w, 8), 11)
      d2 = turns3(a2, b2, c2, terms(d2, k, 1, w + SET, 8), 11)
      c = turns3(d, a, b, terms(c, k, 2, w, 11), 16)
      c2 = turns3(d2, a2, b2, terms(c2, k, 2, w + SET, 11), 16)
      b = turns3(c, d, a, terms(b, k, 3, w, 14), 23)
      b2 = turns3(c2, d2, a2, terms(b2, k, 3, w + SET, 14), 23)
    }
    for (let i: usize = 48; i < 64; i += 4) {
      const k = CONSTANTS + (i << 2)
      const w = WORDS + (((i * 3) & 15) << 4)
      a = turns4(b, c, d, terms(a, k, 0, w, 0), 6)
      a2 = turns4(b2, c2, d2, terms(a2, k, 0, w + SET, 0), 6)
      d = turns4(a, b, c, terms(d, k, 1, w, 7), 10)
      d2 = turns4(a2, b2, c2, terms(d2, k, 1, w + SET, 7), 10)
      c = turns4(d, a, b, terms(c, k, 2, w, 14), 15)
      c2 = turns4(d2, a2, b2, terms(c2, k, 2, w + SET, 14), 15)
      b = turns4(c, d, a, terms(b, k, 3, w, 5), 21)
      b2 = turns4(c2, d2, a2, terms(b2, k, 3, w + SET, 5), 21)
    }
    v128.store(BEFORE, (a = v128.add<u32>(a, v128.load(BEFORE, 0))), 0)
    v128.store(BEFORE, (b = v128.add<u32>(b, v128.load(BEFORE, 16))), 16)
    v128.store(BEFORE, (c = v128.add<u32>(c, v128.load(BEFORE, 32))), 32)
    v128.store(BEFORE, (d = v128.add<u32>(d, v128.load(BEFORE, 48))), 48)
    v128.store(BEFORE, (a2 = v128.add<u32>(a2, v128.load(BEFORE, 64))), 64)
    v128.store(BEFORE, (b2 = v128.add<u32>(b2, v128.load(BEFORE, 80))), 80)
    v128.store(BEFORE, (c2 = v128.add<u32>(c2, v128.load(BEFORE, 96))), 96)
    v128.store(BEFORE, (d2 = v128.add<u32>(d2, v128.load(BEFORE, 112))), 112)
  }
  turnStates(BEFORE, STATES)
  turnStates(BEFORE + 64, STATES + 64)
}
