// Random edits, renames, swaps, links and removals of files, and runs that are killed in between: what is there in the end
// is what the source has, and until then nothing that the source had last time is lost.
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Place } from '../../../src/core/place.ts'
import { defaultReserved, reserved } from '../../../src/layers/reserved.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../../src/sync/options.ts'
import { sync } from '../../../src/sync/sync.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { contents, place } from '../tools.ts'
import { strictStore } from '../../transfer/delta/tools.ts'
import { KiB } from '../../transfer/tools.ts'
import {
  apply,
  dying,
  type Edit,
  editsOf,
  expectNothingLost,
  filesOf,
  large,
  small,
  withoutRename,
} from './tools.ts'

const roundOf = (edit: fc.Arbitrary<Edit>): fc.Arbitrary<Round> =>
  fc.record({
    edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
    remove: fc.boolean(),
    /** The run has a state of long ago, or an empty one. */
    forgets: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    /** After so many requests that change something, the run is killed; and whether the last one took effect. */
    dies: fc.option(fc.record({ after: fc.nat(12), lost: fc.boolean() }), { nil: undefined }),
  })
interface Round {
  readonly edits: readonly Edit[]
  readonly remove: boolean
  readonly forgets: boolean
  readonly dies: { readonly after: number; readonly lost: boolean } | undefined
}

let directory = ''
let state: State
let oldState: State
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-renames-'))
  state = await openState(join(directory, 'state'))
  oldState = await openState(join(directory, 'old-state'))
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  await oldState[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

let cases = 0

test('in memory', { timeout: 300_000 }, () =>
  follows(850, async (root) =>
    place(reserved(withoutRename(memoryStore()), defaultReserved), `${basename(root)}/`),
  ),
)
test('in memory, large files', { timeout: 300_000 }, () => {
  const delta = { threshold: 512 * KiB, average: 64 * KiB }
  return follows(
    200,
    async (root) =>
      place(reserved(withoutRename(strictStore(64 * KiB)), defaultReserved), `${basename(root)}/`),
    large,
    { delta, partSize: 256 * KiB },
  )
})
test('in memory, where it can rename', { timeout: 300_000 }, () =>
  follows(100, async (root) => place(memoryStore(), `${basename(root)}/`)),
)
test('on a disk', { timeout: 300_000 }, () =>
  follows(250, async (root) => {
    await mkdir(join(root, 'to'))
    return place(localStore(join(root, 'to'), { durable: false }))
  }),
)
describeS3(
  'in a bucket',
  (endpoint) =>
    test('as elsewhere', { timeout: 300_000 }, async () => {
      await using store = reserved(await openBucket(endpoint), defaultReserved)
      await follows(40, async (root) => place(store, `${basename(root)}/`))
    }),
  ['ceph20', 'hawser'],
)

/** @param open gives a destination of its own to each case */
async function follows(
  numRuns: number,
  open: (root: string) => Promise<Place>,
  bodies: Readonly<Record<string, string>> = small,
  options: Partial<SyncOptions> = {},
): Promise<void> {
  const round = roundOf(editsOf(Object.keys(bodies)))
  const property = fc.asyncProperty(
    fc.array(round, { minLength: 1, maxLength: 4 }),
    async (rounds) => {
      const root = join(directory, `case-${cases++}`)
      const source = join(root, 'from')
      await mkdir(source, { recursive: true })
      const from = place(localStore(source, { durable: false }))
      const to = await open(root)
      await writeFile(join(source, 'first'), 'first')
      for (const { edits, remove, forgets, dies } of rounds) {
        for (const one of edits) await apply(source, one, bodies)
        const before = await contentsOf(to)
        const target = dies ? { ...to, store: dying(to.store, dies.after, dies.lost) } : to
        const known = forgets ? oldState : state
        const run = sync(from, target, { ...options, state: known, delete: remove, jobs: 3 })
        if (dies) await run.catch(() => {})
        else expect((await run).failures).toEqual([])
        const after = await contentsOf(to)
        const files = told(await filesOf(source))
        if (!remove) expectNothingLost(before, after, files)
        if (!dies) expect(after).toMatchObject(files)
      }
      const { failures } = await sync(from, to, { ...options, state, delete: true, maxDelete: 99 })
      expect(failures).toEqual([])
      expect(await contentsOf(to)).toEqual(told(await filesOf(source)))
      const again = await sync(from, to, { ...options, state, delete: true })
      expect(again.summary).toMatchObject({ copied: 0, renamed: 0, removed: 0, failed: 0 })
      await rm(root, { recursive: true })
    },
  )
  await fc.assert(property, { numRuns })
}

async function contentsOf({ store, prefix }: Place): Promise<Record<string, string>> {
  const found = Object.entries(await contents(store, prefix))
  return told(Object.fromEntries(found.map(([key, text]) => [key.slice(prefix.length), text])))
}

function short(text: string): string {
  return text.length < 100 ? text : createHash('sha256').update(text).digest('hex')
}

/** With what is long shortened to its digest. */
function told(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, short(text)]))
}
