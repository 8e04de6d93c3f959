import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Chunks } from '../../src/delta/chunks.ts'
import { matchChunks } from '../../src/delta/match.ts'
import { chunksOf, namedChunks } from './tools.ts'

/** Of chunks of one byte. */
function match(next: string, base: string): string[] {
  return matchChunks(named(next), named(base)).map(({ start, end, from }) =>
    from === undefined ? `new ${next.slice(start, end)}` : `${from} ${next.slice(start, end)}`,
  )
}
function named(text: string): Chunks {
  return namedChunks(
    Array.from(text, (letter) => letter.charCodeAt(0)),
    1,
  )
}

test.each([
  ['the same', 'abcd', 'abcd', ['0 abcd']],
  ['both empty', '', '', []],
  ['an empty base', 'ab', '', ['new ab']],
  ['an empty object', '', 'ab', []],
  ['nothing in common', 'ab', 'cd', ['new ab']],
  ['one in front', 'xabcd', 'abcd', ['new x', '0 abcd']],
  ['one in the middle', 'abxcd', 'abcd', ['0 ab', 'new x', '2 cd']],
  ['one changed', 'abxd', 'abcd', ['0 ab', 'new x', '3 d']],
  ['an append', 'abcdxy', 'abcd', ['0 abcd', 'new xy']],
  ['cut off', 'ab', 'abcd', ['0 ab']],
  ['one left out', 'abd', 'abcd', ['0 ab', '3 d']],
  ['halves changed about', 'cdab', 'abcd', ['2 cd', '0 ab']],
  ['backwards', 'dcba', 'abcd', ['3 d', '2 c', '1 b', '0 a']],
  ['twice the same', 'abab', 'ab', ['0 ab', '0 ab']],
  ['repeated', 'zzzz', 'zzzz', ['0 zzzz']],
  ['repeated more often, then going on', 'azzzzb', 'azzzb', ['0 azzz', '3 zb']],
  ['repeated less often', 'azzb', 'azzzb', ['0 azz', '4 b']],
  ['the longest of several', 'xbcd', 'bxaybcdb', ['1 x', '4 bcd']],
])('%s', (_, next, base, expected) => {
  expect(match(next, base)).toEqual(expected)
})

test('a chunk of the base with another length is not the same', () => {
  const base = namedChunks([1, 2, 3], 10)
  const ends = Float64Array.of(10, 19, 29)
  expect(matchChunks(base, { ...base, ends })).toEqual([
    { start: 0, end: 10, from: 0 },
    { start: 10, end: 20, from: undefined },
    { start: 20, end: 30, from: 19 },
  ])
})

test('a chunk with the digest of another one, but with another length, is not the same', () => {
  const told = namedChunks([1, 1, 2], 10)
  const base = { ...namedChunks([2, 1], 10), ends: Float64Array.of(10, 15) }
  expect(matchChunks({ ...told, ends: Float64Array.of(10, 15, 25) }, base)).toEqual([
    { start: 0, end: 10, from: undefined },
    { start: 10, end: 15, from: 10 },
    { start: 15, end: 25, from: 0 },
  ])
})

test('digests at any place in memory are found', () => {
  const { digests, ...chunks } = namedChunks([1, 2, 3])
  const moved = new Uint8Array(digests.length + 1).subarray(1)
  moved.set(digests)
  expect(matchChunks({ ...chunks, digests: moved }, { ...chunks, digests })).toHaveLength(1)
})

test('runs lie end to end, are as long as they can be, and are the bytes of the base', () => {
  const bytes = fc.uint8Array({ max: 5, maxLength: 60 })
  fc.assert(
    fc.property(bytes, bytes, (next, base) => {
      const chunks = chunksOf(next, 2)
      const others = chunksOf(base, 2)
      const known = new Set(pieces(base, others))
      const fresh = pieces(next, chunks).filter((piece) => !known.has(piece))
      const runs = matchChunks(chunks, others)
      let end = 0
      let freshBytes = 0
      let last = -1
      for (const run of runs) {
        expect(run.start).toBe(end)
        end = run.end
        if (run.from === undefined) freshBytes += run.end - run.start
        else {
          const copied = base.subarray(run.from, run.from + run.end - run.start)
          expect(copied).toEqual(next.subarray(run.start, run.end))
          expect(run.from).not.toBe(last)
        }
        last = run.from === undefined ? -1 : run.from + run.end - run.start
      }
      expect(end).toBe(next.length)
      expect(freshBytes).toBe(fresh.join('').length / 2)
    }),
    { numRuns: 1000 },
  )
})
function pieces(bytes: Uint8Array, { ends }: Chunks): string[] {
  return Array.from(ends, (end, i) =>
    Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end)).toString('hex'),
  )
}

const many = 100_000
const numbers = Array.from({ length: many }, (_, i) => i)
test.each([
  ['the same', numbers, numbers],
  ['backwards', numbers.toReversed(), numbers],
  ['all zeros', numbers.map(() => 0), numbers.map(() => 0)],
  ['zeros and others in turn', numbers.map((i) => (i % 2) * i), numbers.map((i) => (i % 3) * i)],
  ['zeros in a base of zeros', numbers.map((i) => (i % 2) * i), numbers.map(() => 0)],
])('100,000 chunks take no time: %s', (_, next, base) => {
  const [chunks, others] = [namedChunks(next), namedChunks(base)]
  const begun = process.cpuUsage()
  const runs = matchChunks(chunks, others)
  const { user } = process.cpuUsage(begun)
  expect(runs.at(-1)?.end).toBe(chunks.ends.at(-1))
  expect(user / 1000).toBeLessThan(1000)
})

test.each([
  ['the first word', [0]],
  ['all words but the last', [0, 1, 2, 3, 4, 5, 6]],
  ['all words but the first', [1, 2, 3, 4, 5, 6, 7]],
  ['all bits but two of each half of a word', undefined],
])('nor do chunks whose digests somebody chose, and that have in common %s', (_, equal) => {
  const hostile = hostileChunks(equal)
  const honest = namedChunks(numbers)
  for (const [chunks, others] of [
    [hostile, honest],
    [honest, hostile],
    [hostile, hostile],
  ] as const) {
    const begun = process.cpuUsage()
    expect(matchChunks(chunks, others)).toHaveLength(1)
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1000)
  }
})

/** All of them different. @param equal the words that are equal; undefined for all but two bits of each half */
function hostileChunks(equal: readonly number[] | undefined): Chunks {
  const chunks = namedChunks(numbers)
  const view = new DataView(chunks.digests.buffer)
  for (const i of numbers)
    if (equal)
      for (let word = 0; word < 8; word++)
        view.setUint32(i * 32 + 4 * word, equal.includes(word) ? 7 : Math.imul(i, 2_654_435_769))
    else
      for (let half = 0; half < 16; half++)
        view.setUint16(i * 32 + 2 * half, (((i + 1) >>> (2 * half)) & 3) << 14)
  return chunks
}
