// Random trees and options, from everywhere to everywhere: a plan that is applied leaves what a sync would leave.
import * as fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openState, type State } from '../../../src/state/state.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import type { RunResult } from '../../../src/sync/report.ts'
import { sync } from '../../../src/sync/sync.ts'
import { type Edit, editsOf } from '../model/edits.ts'
import { bucketGround, diskGround, type Ground } from '../model/ground.ts'
import { below, type Tree } from '../model/tree.ts'
import { applyFile, planTo } from './tools.ts'

let directory = ''
let state: State
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-plan-trees-'))
  state = await openState(join(directory, 'state'))
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const memory = (): Ground => bucketGround(memoryStore(), '')

test.each<[string, number, boolean, () => Promise<[from: Ground, to: Ground]>]>([
  ['memory to memory', 60, false, async () => [memory(), memory()]],
  ['disk to memory', 30, true, async () => [await diskGround(), memory()]],
  ['memory to disk', 30, false, async () => [memory(), await diskGround()]],
  ['disk to disk', 40, true, async () => [await diskGround(), await diskGround()]],
])('%s', { timeout: 120_000 }, async (name, numRuns, links, open) => {
  const fits = name.includes('disk')
  const edits = (isLinked: boolean, maxLength: number): fc.Arbitrary<Edit[]> =>
    fc.array(editsOf(fits, isLinked), { maxLength })
  const given = fc.record({
    before: edits(links, 10),
    source: edits(links, 10),
    target: edits(false, 5),
    archive: fc.boolean(),
    delete: fc.boolean(),
    checksum: fc.boolean(),
    existing: fc.boolean(),
    deleteExcluded: fc.boolean(),
    rules: fc.constantFrom([], ['- *.tmp'], ['- d/', '+ **']),
  })
  const property = fc.asyncProperty(given, async ({ before, source, target, ...chosen }) => {
    const [from, to] = await open()
    try {
      const options = { state, ...chosen, maxDelete: '100%' as const, renames: false }
      await from.edit('src', before, fits)
      for (const one of ['synced', 'planned']) {
        await sync(from.at('src'), to.at(one), { state, archive: chosen.archive })
        await to.edit(one, target.map(timed), fits)
      }
      await from.edit('src', source, fits)
      const plan = join(directory, 'plan')
      const { result } = await planTo(from.at('src'), to.at('planned'), options, plan)
      const synced = await sync(from.at('src'), to.at('synced'), options)
      expect(codesOf(result)).toEqual(codesOf(synced))
      fc.pre(result.failures.length === 0)
      const applied = await applyFile(plan, from.at('src'), to.at('planned'), { state })
      expect(applied.failures).toEqual([])
      expect(counts(applied)).toEqual(counts(synced))
      const there = await to.look()
      expect(shape(below(there, 'planned/'))).toEqual(shape(below(there, 'synced/')))
      const again = await applyFile(plan, from.at('src'), to.at('planned'), { state })
      expect(again.failures).toEqual([])
      expect(counts(again)).toEqual({ copied: 0, updated: 0, removed: 0, failed: 0, bytes: 0 })
    } finally {
      await from[Symbol.asyncDispose]()
      await to[Symbol.asyncDispose]()
    }
  })
  await fc.assert(property, { numRuns })
})

/** Both trees are to have the same. */
function timed(edit: Edit): Edit {
  return edit.do === 'put' ? { ...edit, time: edit.time ?? 1_200_000_000_000_000_000n } : edit
}

function codesOf({ failures }: RunResult): string[] {
  return failures.map(({ code }) => code).toSorted()
}

function counts({ summary }: RunResult): object {
  const { copied, updated, removed, failed, bytes } = summary
  return { copied, updated, removed, failed, bytes }
}

/** A directory that was made has the time of that. */
function shape(tree: Tree): Map<string, string> {
  return new Map(
    [...tree].map(([name, { kind, body, own, mode }]) => [
      name,
      `${kind} ${body} ${mode} ${kind === 'directory' ? '' : own}`,
    ]),
  )
}
