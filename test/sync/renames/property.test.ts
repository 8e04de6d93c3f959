// Random edits, renames, swaps, links and removals of files, and runs that are killed in between: what is there in the end
// is what the source has, and until then nothing that the source had last time is lost.
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
import { contents, place } from '../tools.ts'
import { apply, dying, edit, filesOf } from './tools.ts'

const round = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
  remove: fc.boolean(),
  /** After so many requests that change something, the run is killed; and whether the last one took effect. */
  dies: fc.option(fc.record({ after: fc.nat(12), lost: fc.boolean() }), { nil: undefined }),
})

let directory = ''
let state: State
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-renames-'))
  state = await openState(join(directory, 'state'))
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

let cases = 0

test.each([
  ['in memory', 850, () => reserved(memoryStore(), defaultReserved)],
  ['on a disk', 150, (root: string) => localStore(join(root, 'to'), { durable: false })],
])('%s', { timeout: 300_000 }, async (_, numRuns, open) => {
  const property = fc.asyncProperty(
    fc.array(round, { minLength: 1, maxLength: 4 }),
    async (rounds) => {
      const root = join(directory, `case-${cases++}`)
      const source = join(root, 'from')
      for (const one of [source, join(root, 'to')]) await mkdir(one, { recursive: true })
      const [from, to] = [localStore(source, { durable: false }), open(root)]
      await writeFile(join(source, 'first'), 'first')
      for (const { edits, remove, dies } of rounds) {
        for (const one of edits) await apply(source, one)
        const before = await contents(to)
        const target = dies ? dying(to, dies.after, dies.lost) : to
        const run = sync(place(from), place(target), { state, delete: remove, jobs: 3 })
        if (dies) await run.catch(() => {})
        else expect((await run).failures).toEqual([])
        const after = await contents(to)
        const files = await filesOf(source)
        if (!remove) expectNothingLost(before, after, files)
        if (!dies) expect(after).toMatchObject(files)
      }
      const { failures } = await sync(place(from), place(to), {
        state,
        delete: true,
        maxDelete: 99,
      })
      expect(failures).toEqual([])
      expect(await contents(to)).toEqual(await filesOf(source))
      const again = await sync(place(from), place(to), { state, delete: true })
      expect(again.summary).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
      await rm(root, { recursive: true })
    },
  )
  await fc.assert(property, { numRuns })
})

/** Without --delete a name goes only where its file has another one, which has all that it had. */
function expectNothingLost(
  before: Record<string, string>,
  after: Record<string, string>,
  files: Record<string, string>,
): void {
  const lost = Object.keys(before).filter((one) => !(one in after))
  for (const one of lost) {
    expect(files).not.toHaveProperty([one])
    expect(Object.values(after)).toContain(before[one])
  }
}
