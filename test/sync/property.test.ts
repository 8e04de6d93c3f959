// Random trees, edited and synced again and again, must always end like the source.
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../src/core/events.ts'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { openState, type State } from '../../src/state/state.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { SyncOptions } from '../../src/sync/options.ts'
import { sync } from '../../src/sync/sync.ts'
import { get, put, remove } from '../conformance/tools.ts'
import { place } from './tools.ts'

const keys = [
  'a',
  'a-',
  'a/',
  'a/b',
  'a0',
  'A',
  'b/\uffff',
  'b/\u{10000}',
  'b/\u{1f600}/x',
  'é',
  'e\u0301',
  ' ',
  'a//b',
  '../x',
  'z\n',
]
const bodies = ['', 'x', 'y', 'xx', 'yy', 'z'.repeat(300)]

interface Put {
  readonly key: string
  readonly body: string
  /** Seconds; undefined: the object has no time of its own. */
  readonly mtime: number | undefined
}
type Edit =
  | { readonly put: Put }
  | { readonly remove: string }
  | { readonly swap: [string, string] }

interface Round {
  readonly source: readonly Edit[]
  readonly target: readonly Edit[]
  readonly delete: boolean
  readonly checksum: boolean
  readonly dryRun: boolean
  readonly forget: boolean
  readonly maxDelete: '100%'
}

const key = fc.constantFrom(...keys)
const putting = fc.record({
  key,
  body: fc.constantFrom(...bodies),
  mtime: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
})
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: putting }) },
  { weight: 2, arbitrary: fc.record({ remove: key }) },
  { weight: 1, arbitrary: fc.record({ swap: fc.tuple(key, key) }) },
)
const round: fc.Arbitrary<Round> = fc.record({
  source: fc.array(edit, { maxLength: 6 }),
  target: fc.array(edit, { maxLength: 2 }),
  delete: fc.boolean(),
  checksum: fc.boolean(),
  dryRun: fc.boolean(),
  forget: fc.boolean(),
  maxDelete: fc.constant('100%' as const),
})
const scenario = fc.record({
  start: fc.array(fc.record({ put: putting }), { maxLength: 12 }),
  rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
})

interface Held {
  readonly body: string
  readonly mtime: bigint
}

async function tree(store: Store): Promise<Map<string, Held>> {
  const found = new Map<string, Held>()
  for await (const { key: name } of store.list(toKey(''))) {
    const { attributes, modified } = await store.stat(name)
    const body = Buffer.from(await get(store, name)).toString()
    found.set(name, { body, mtime: attributes.mtime ?? modified })
  }
  return found
}

/** Each change gets a time of its own, as a listing of a real store shows it. */
async function apply(store: Store, edits: readonly Edit[]): Promise<void> {
  for (const one of edits) {
    vi.setSystemTime(Date.now() + 1000)
    if ('put' in one) {
      const { key: name, body, mtime } = one.put
      const attributes = mtime === undefined ? {} : { mtime: BigInt(mtime) * 1_000_000_000n }
      await put(store, name, name.endsWith('/') ? '' : body, { attributes })
    } else if ('remove' in one) await remove(store, one.remove)
    else {
      const [a, b] = one.swap.map((name) => toKey(name))
      const held = await tree(store)
      const [first, second] = [held.get(a ?? ''), held.get(b ?? '')]
      if (a === undefined || b === undefined || !first || !second) continue
      await put(store, a, second.body, { attributes: { mtime: second.mtime } })
      await put(store, b, first.body, { attributes: { mtime: first.mtime } })
    }
  }
}

let directory = ''
let opened = 0
const states: State[] = []
async function freshState(): Promise<State> {
  const state = await openState(join(directory, String(opened++)))
  states.push(state)
  return state
}
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-sync-'))
})
afterEach(() => vi.useRealTimers())
afterAll(async () => {
  for (const state of states) await state[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

function counts({ copied, updated, removed, unchanged, skipped, failed }: Summary): object {
  return { copied, updated, removed, unchanged, skipped, failed }
}

/**
 * One run and all that must be true after it.
 * @param unasked names whose times are whatever they were: equal bytes that the state did not know or could not know to
 *   be touched. To ask for the attributes of each would cost a request.
 */
async function check(
  from: Store,
  to: Store,
  state: State,
  how: Round,
  unasked: Set<string>,
): Promise<void> {
  const [source, before] = [await tree(from), await tree(to)]
  const known = new Set<string>()
  const pair = {
    source: `["memory","","${from.location.root}"]`,
    target: `["memory","","${to.location.root}"]`,
  }
  for await (const row of state.pairs.scan(pair)) known.add(row.key)
  const options: SyncOptions = {
    state,
    delete: how.delete,
    checksum: how.checksum,
    maxDelete: how.maxDelete,
  }
  const run = (more: Partial<SyncOptions>): ReturnType<typeof sync> =>
    sync(place(from), place(to), { ...options, ...more })

  const dry = how.dryRun ? await run({ dryRun: true }) : undefined
  expect(await tree(to)).toEqual(before)
  vi.setSystemTime(Date.now() + 1000)
  const { summary } = await run({})
  if (dry) expect(counts(dry.summary)).toEqual(counts(summary))

  const extra = [...before.keys()].filter((name) => !source.has(name))
  const refused = how.delete && source.size === 0 && extra.length > 0
  expect(summary.failed).toBe(refused ? 1 : 0)
  const after = await tree(to)
  const expected = new Set([...source.keys(), ...(how.delete && !refused ? [] : extra)])
  expect(new Set(after.keys())).toEqual(expected)
  for (const name of extra) if (after.has(name)) expect(after.get(name)).toEqual(before.get(name))
  for (const [name, held] of source) {
    expect(after.get(name)?.body).toBe(held.body)
    if (before.get(name)?.body !== held.body) unasked.delete(name)
    else if (!known.has(name)) unasked.add(name)
    if (!unasked.has(name)) expect(after.get(name)?.mtime).toBe(held.mtime)
  }
  // Equal bytes are never sent.
  const different = [...source].filter(([name, { body }]) => before.get(name)?.body !== body)
  expect(summary.copied).toBe(different.length)
  expect(summary.bytes).toBe(
    different.reduce((sum, [, { body }]) => sum + Buffer.byteLength(body), 0),
  )

  vi.setSystemTime(Date.now() + 1000)
  const again = await run({ checksum: false, delete: false })
  expect(again.summary).toMatchObject({
    copied: 0,
    updated: 0,
    removed: 0,
    unchanged: source.size,
    failed: 0,
  })
  expect(Object.keys(again.summary.traffic.requests)).toEqual(['list'])
  expect(await tree(to)).toEqual(after)
}

test('after a sync the destination is as the source', { timeout: 60_000 }, async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ start, rounds }) => {
      const [from, to] = [memoryStore(), memoryStore()]
      const unasked = new Set<string>()
      let state = states[0] ?? (await freshState())
      await apply(from, start)
      for (const one of rounds) {
        await apply(from, one.source)
        await apply(to, one.target)
        for (const name of one.target.flatMap(touched)) unasked.add(name)
        if (one.forget) state = await forgetting(state)
        await check(from, to, state, one, unasked)
      }
    }),
    { numRuns: 300 },
  )
})

function touched(one: Edit): string[] {
  if ('put' in one) return [one.put.key]
  return 'remove' in one ? [one.remove] : one.swap
}

/** Another of two states: one that does not know this pair, or what it knows is outdated. */
async function forgetting(state: State): Promise<State> {
  const other = states.find((one) => one !== state)
  return other ?? freshState()
}
