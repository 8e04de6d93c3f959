// Small objects for the planner, and what a plan must be.
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { type Chunks, digestSize } from '../../src/delta/chunks.ts'
import type { PartLimits } from '../../src/core/store.ts'
import type { StitchPlan } from '../../src/delta/plan.ts'
import type { Run } from '../../src/delta/runs.ts'
import type { PartSizes } from '../../src/delta/split.ts'
import { copiedPartSize, defaultPartSize } from '../../src/transfer/parts.ts'
import { MiB } from '../conformance/tools.ts'

export const s3: PartLimits = {
  minPart: 5 * MiB,
  maxPart: 5 * 1024 * MiB,
  maxParts: 10_000,
  maxObject: 5 * 1024 * 1024 * MiB,
  maxWrite: 5 * 1024 * MiB,
}

/** As an upload wants them. */
export const partSizes: PartSizes = { upload: defaultPartSize, copy: copiedPartSize }

export function limitsOf(minPart: number, maxPart: number, maxParts: number): PartLimits {
  return { minPart, maxPart, maxParts, maxObject: Number.MAX_SAFE_INTEGER, maxWrite: maxPart }
}

/** Runs from their lengths: those of `fresh` bytes, and copies that do not follow each other in the base. */
export function runsOf(...lengths: readonly (number | { readonly fresh: number })[]): Run[] {
  const runs: Run[] = []
  let end = 0
  for (const length of lengths) {
    const start = end
    end += typeof length === 'number' ? length : length.fresh
    runs.push({ start, end, from: typeof length === 'number' ? 2 * start + 1 : undefined })
  }
  return runs
}

export interface Case {
  readonly minPart: number
  readonly runs: readonly Run[]
}

/** Runs about as long as the smallest part, where what is kept is hard to choose. */
export const someCases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 9 }).chain((minPart) => {
  const copy = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: Math.max(1, minPart - 1), max: 2 * minPart + 1 }) },
    fc.integer({ min: 1, max: 4 * minPart }),
  )
  const fresh = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: minPart }) },
    fc.nat({ max: 3 * minPart }),
  )
  return fc
    .tuple(fresh, fc.array(fc.tuple(copy, fresh), { maxLength: 8 }))
    .map(([first, pairs]) => {
      const lengths = pairs.flatMap(([length, gap]) => [length, { fresh: gap }])
      const runs = runsOf({ fresh: first }, ...lengths)
      return { minPart, runs: runs.filter(({ start, end }) => end > start) }
    })
})

/** The plan is of the object, end to end, copies only what the runs say, and is what the store accepts. */
export function checkPlan(plan: StitchPlan, runs: readonly Run[], limits: PartLimits): void {
  const size = runs.at(-1)?.end ?? 0
  let end = 0
  const bytes = { uploaded: 0, copied: 0 }
  let run = 0
  for (const [i, part] of plan.parts.entries()) {
    expect(part.number).toBe(i + 1)
    expect(part.offset).toBe(end)
    end += part.size
    expect(part.size).toBeGreaterThanOrEqual(end === size ? 1 : limits.minPart)
    expect(part.size).toBeLessThanOrEqual(limits.maxPart)
    bytes[part.from === undefined ? 'uploaded' : 'copied'] += part.size
    if (part.from === undefined) continue
    while ((runs[run]?.end ?? end) < end) run++
    const { start, from } = runs[run] ?? { start: end, from: undefined }
    expect(start).toBeLessThanOrEqual(part.offset)
    expect(part.from).toBe((from ?? Number.NaN) + part.offset - start)
  }
  expect(end).toBe(size)
  expect(plan.parts.length).toBeLessThanOrEqual(limits.maxParts)
  expect(plan.uploaded.bytes).toBe(bytes.uploaded)
  expect(plan.copied.bytes).toBe(bytes.copied)
  expect(plan.uploaded.parts + plan.copied.parts).toBe(plan.parts.length)
  expect(plan.copied.parts).toBe(plan.parts.filter(({ from }) => from !== undefined).length)
}

/** Chunks that end behind each byte below `cuts`: the smaller the number, the longer they are. */
export function chunksOf(bytes: Uint8Array, cuts: number): Chunks {
  const ends: number[] = []
  for (const [i, byte] of bytes.entries())
    if (byte < cuts || i + 1 === bytes.length) ends.push(i + 1)
  const digests = new Uint8Array(ends.length * digestSize)
  for (const [i, end] of ends.entries())
    digests.set(
      createHash('sha256')
        .update(bytes.subarray(ends[i - 1] ?? 0, end))
        .digest(),
      i * digestSize,
    )
  return { count: ends.length, ends: Float64Array.from(ends), digests }
}

/** Chunks of one length, each with the digest of its name. */
export function namedChunks(names: readonly number[], length: number = MiB): Chunks {
  const digests = new Uint8Array(names.length * digestSize)
  const view = new DataView(digests.buffer)
  for (const [i, name] of names.entries()) {
    view.setUint32(i * digestSize, Math.imul(name, 2_654_435_761))
    view.setUint32(i * digestSize + 4, name)
  }
  return {
    count: names.length,
    ends: Float64Array.from(names, (_, i) => (i + 1) * length),
    digests,
  }
}
