// Memory does not grow with the number of objects, also as the operating system counts it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledProgram, type ScaleProgram } from './run.ts'

const million = 1_000_000
/** MB; node alone takes 45. */
const limit = 120
/** On a busy machine the collector comes late now and then. */
const runs = 3

let program: ScaleProgram
beforeAll(async () => {
  program = await bundledProgram()
})
afterAll(() => program[Symbol.asyncDispose]())

test.each([
  ['a sync that finds nothing to do, first and again', 'sync', [million, million]],
  ['a sync that removes all but one', 'remove', [1, million - 1]],
  ['ls -r', 'ls', [million]],
] as const)('%s, of a million objects', { timeout: 300_000 }, async (_, work, found) => {
  let least = Infinity
  for (let run = 0; run < runs && least > limit; run++) {
    const result = await program.run(work, million)
    expect(result.found).toEqual(found)
    least = Math.min(least, result.memory)
  }
  expect(least).toBeLessThanOrEqual(limit)
})
