import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Cutter } from '../../src/kernels/cuts.ts'
import { pseudoRandom } from './bytes.ts'

// The cuts of bytes that anyone can make: cuts that change would make every signature that was kept useless.
// Line by line: what bytes, how many MiB of them, the average in KiB, and the sizes of the chunks that end, in hex.
const goldens = readFileSync(new URL('../golden/cuts-v1.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')

const made: Readonly<Record<string, (size: number) => Uint8Array>> = {
  random: (size) => pseudoRandom(size),
  letters: (size) => pseudoRandom(size).map((byte) => 'ACGT'.charCodeAt(byte % 4)),
  sparse: (size) => pseudoRandom(size).fill(0, size / 4, size / 2),
}

test.each(goldens.map((line) => line.split(' ')))(
  '%s bytes, %s MiB, at an average of %s KiB',
  (kind, mebibytes, average, ...sizes) => {
    const bytes = made[kind ?? '']?.(Number(mebibytes) * 2 ** 20) ?? new Uint8Array()
    const cuts = new Cutter(Number(average) * 1024).update(bytes)
    expect(cuts.map((cut, index) => (cut - (cuts[index - 1] ?? 0)).toString(16))).toEqual(sizes)
  },
)
