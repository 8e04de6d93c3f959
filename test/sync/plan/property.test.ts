// Random edits, renames, swaps, links and removals: what a plan says and an apply does is what a sync does, also where the
// apply is killed in between, and done again.
import * as fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { sync } from '../../../src/sync/sync.ts'
import {
  apply as edited,
  dying,
  editsOf,
  expectNothingLost,
  filesOf,
  small,
} from '../renames/tools.ts'
import { contents, place } from '../tools.ts'
import { applyFile, planTo } from './tools.ts'

const round = fc.record({
  edits: fc.array(editsOf(Object.keys(small)), { minLength: 1, maxLength: 8 }),
  remove: fc.boolean(),
  /** The applies are killed after so many requests that change something; and whether the last one took effect. */
  deaths: fc.array(fc.record({ after: fc.nat(6), lost: fc.boolean() }), { maxLength: 3 }),
})

let directory = ''
let state: State
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-plans-'))
  state = await openState(join(directory, 'state'))
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

let cases = 0

test.each([
  ['in memory', 120, () => reserved(memoryStore(), defaultReserved)],
  ['on a disk', 30, (root: string) => localStore(join(root, 'to'), { durable: false })],
])('%s', { timeout: 300_000 }, async (_, numRuns, open) => {
  const property = fc.asyncProperty(
    fc.array(round, { minLength: 1, maxLength: 3 }),
    async (rounds) => {
      const root = join(directory, `case-${cases++}`)
      const source = join(root, 'from')
      for (const one of [source, join(root, 'to')]) await mkdir(one, { recursive: true })
      const [from, to] = [place(localStore(source, { durable: false })), open(root)]
      await writeFile(join(source, 'first'), 'first')
      await sync(from, place(to), { state })
      for (const { edits, remove, deaths } of rounds) {
        for (const one of edits) await edited(source, one)
        const before = await contents(to)
        const options = { state, delete: remove, maxDelete: 99 }
        const dry = await sync(from, place(to), { ...options, dryRun: true })
        const plan = join(root, 'plan')
        const { result } = await planTo(from, place(to), options, plan)
        expect(result.failures).toEqual([])
        expect(counts(result)).toEqual(counts(dry))
        expect(await contents(to)).toEqual(before)
        for (const { after, lost } of deaths) {
          const target = place(dying(to, after, lost))
          await applyFile(plan, from, target, { state, jobs: 3 }).catch(() => {})
        }
        const applied = await applyFile(plan, from, place(to), { state })
        expect(applied.failures).toEqual([])
        const [wanted, there] = [await filesOf(source), await contents(to)]
        if (remove) expect(there).toEqual(wanted)
        else {
          expect(there).toMatchObject(wanted)
          expectNothingLost(before, there, wanted)
        }
        const again = await applyFile(plan, from, place(to), { state })
        expect(again.failures).toEqual([])
        expect(again.summary).toMatchObject({ copied: 0, renamed: 0, updated: 0, removed: 0 })
        const synced = await sync(from, place(to), { ...options, dryRun: true })
        expect(synced.summary).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
      }
      await rm(root, { recursive: true })
    },
  )
  await fc.assert(property, { numRuns })
})

function counts({ summary }: Awaited<ReturnType<typeof sync>>): object {
  const { copied, renamed, updated, removed, unchanged, skipped, bytes, saved } = summary
  return { copied, renamed, updated, removed, unchanged, skipped, bytes, saved }
}
