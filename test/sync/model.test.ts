// Random trees, edits and options, from everywhere to everywhere: what a sync does must be what the documents say.
import * as fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HawserEvent } from '../../src/core/events.ts'
import { formatAddress } from '../../src/core/location.ts'
import type { Place } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import { openState, type State } from '../../src/state/state.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { sync } from '../../src/sync/sync.ts'
import { describeS3 } from '../servers/s3.ts'
import { openBucket } from '../stores/s3/open.ts'
import { type Edit, editsOf } from './model/edits.ts'
import { bucketGround, diskGround, type Ground } from './model/ground.ts'
import { type Chosen, chosenOf, type Scope } from './model/options.ts'
import {
  type Options,
  type Outcome,
  type Prediction,
  predict,
  type Remembered,
  type World,
} from './model/reference.ts'
import { directoriesAbove } from './model/rules.ts'
import { below, type Item, type Tree, without } from './model/tree.ts'

interface Round {
  readonly source: readonly Edit[]
  readonly target: readonly Edit[]
  readonly chosen: Chosen
  readonly dryRun: boolean
  /** Another state than the run before had. */
  readonly forget: boolean
}

function roundsOf(scope: Scope, most: number): fc.Arbitrary<Round[]> {
  const { fits, links } = scope
  const round = fc.record({
    source: fc.array(editsOf(fits, links), { maxLength: most }),
    target: fc.array(editsOf(fits, false), { maxLength: most / 2 }),
    chosen: chosenOf(scope),
    dryRun: fc.boolean(),
    forget: fc.boolean(),
  })
  return fc.array(round, { minLength: 1, maxLength: 3 })
}

let directory = ''
const states: State[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hawser-model-'))
  for (const name of ['one', 'two']) states.push(await openState(join(directory, name)))
})
afterAll(async () => {
  for (const state of states) await state[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

interface Way {
  readonly from: Ground
  readonly to: Ground
  readonly inside: boolean
}

/** The rounds of one case, between trees that are empty yet. */
async function follow(way: Way, rounds: readonly Round[]): Promise<void> {
  const { from, to } = way
  const fits = from.onDisk || to.onDisk
  let [current, other] = states.map((state) => ({
    state,
    memory: new Map<string, Remembered>(),
  }))
  if (!current || !other) throw new Error('no states')
  await from.edit('src', [], fits)
  await to.edit('beside', [{ do: 'put', name: 'dst-', body: 'mine', time: undefined }], fits)
  for (const round of rounds) {
    await from.edit('src', round.source, fits)
    await to.edit('dst', round.target, fits)
    if (round.forget) [current, other] = [other, current]
    await check(way, current, round)
  }
}

interface Known {
  readonly state: State
  readonly memory: Map<string, Remembered>
}

async function check(way: Way, known: Known, round: Round): Promise<void> {
  const { from, to } = way
  const before = await look(way)
  const options = concrete(round.chosen.options, before.world)
  const seen: Seen = {
    ...before,
    world: { ...before.world, memory: known.memory, ...backupsOf(before, round.chosen) },
  }
  const prediction = predict(seen.world, options)
  const [source, target] = [from.at('src'), to.at('dst')]
  const backupDir = round.chosen.backups && to.at(placeOfBackups[round.chosen.backups])
  const run = async (more: Options = {}): Promise<Ran> => {
    const events: HawserEvent[] = []
    const onEvent = (event: HawserEvent): void => void events.push(event)
    // What renamed files make of a run is another test's matter: an inode may be in use again, or not.
    const given = { ...options, ...more, state: known.state, backupDir, onEvent, renames: false }
    const result = await sync(source, target, given)
    return { result, done: outcomesOf(events, source, target, backupDir, prediction) }
  }

  const dry = round.dryRun ? await run({ dryRun: true }) : undefined
  expect(await look(way)).toEqual(before)
  const ran = await run()
  // What is in the way of a backup is only found by trying, as is what lies beside names from a list.
  const tries = round.chosen.backups !== undefined || options.filesFrom !== undefined
  if (dry && !(tries && codesOf(ran.result).includes('conflict'))) {
    expect(codesOf(dry.result)).toEqual(codesOf(ran.result))
    expect(dry.done).toEqual(ran.done)
    expect(counts(dry.result)).toEqual(counts(ran.result))
  }
  expectOutcomes(ran, prediction)
  const after = await look(way)
  expectAfter(seen, options.archive === true, ran.done, after)

  const remember = (): void => {
    for (const name of prediction.outcomes.keys()) {
      const [there, here] = [seen.world.source.get(name), after.world.target.get(name)]
      const outcome = ran.done.get(name)
      if (outcome === 'remove') known.memory.delete(name)
      else if (prediction.proven.has(name) && outcome !== 'skip' && there && here)
        known.memory.set(name, { source: there, target: here, archive: options.archive === true })
    }
    for (const name of prediction.forgotten) known.memory.delete(name)
  }
  remember()
  if (ran.result.summary.failed > 0) return
  const again = await run()
  expect(counts(again.result)).toMatchObject({ copied: 0, updated: 0, removed: 0, failed: 0 })
  expect((await look(way)).all).toEqual(after.all)
}

// What there is

interface Seen {
  /** By ground: all that is there. */
  readonly all: readonly Tree[]
  readonly world: World
}

const placeOfBackups = { below: 'dst/kept', beside: 'kept' }

async function look({ from, to, inside }: Way): Promise<Seen> {
  const there = await from.look()
  const here = from === to ? there : await to.look()
  const world = {
    source: below(there, 'src/'),
    target: below(here, 'dst/'),
    backups: undefined,
    backupsBelow: undefined,
    memory: new Map(),
    fromDisk: from.onDisk,
    toDisk: to.onDisk,
    inside,
  }
  return { all: [there, here], world }
}

function backupsOf(
  { all, world }: Seen,
  { backups }: Chosen,
): Pick<World, 'backups' | 'backupsBelow'> {
  if (backups === 'below') return { backups: below(world.target, 'kept/'), backupsBelow: 'kept/' }
  const beside = below(all[1] ?? new Map(), 'kept/')
  return { backups: backups && beside, backupsBelow: undefined }
}

function concrete(chosen: Chosen['options'], { source }: World): Options {
  const times = [...source.values()].map(({ listed }) => listed).toSorted((a, b) => Number(a - b))
  const timeOf = (nth: number | undefined): bigint | undefined =>
    nth === undefined ? undefined : times[nth % times.length]
  return { ...chosen, newerThan: timeOf(chosen.newerThan), olderThan: timeOf(chosen.olderThan) }
}

// What was done

interface Ran {
  readonly result: RunResult
  readonly done: ReadonlyMap<string, Outcome>
}

function outcomesOf(
  events: readonly HawserEvent[],
  from: Place,
  to: Place,
  backups: Place | undefined,
  { outcomes }: Prediction,
): Map<string, Outcome> {
  const done = new Map<string, Outcome>()
  for (const name of outcomes.keys()) {
    const [there, here, kept] = [from, to, backups].map(
      (place) => place && formatAddress(place.store.location, place.prefix + name),
    )
    for (const event of events)
      if (event.type === 'done' && event.address === here) {
        const { action } = event
        expect(action).not.toBe('rename')
        if (action !== 'copy' && action !== 'update' && action !== 'remove') continue
        expect(done.get(name)).toBe(undefined)
        done.set(name, action)
      } else if (event.type === 'skip' && event.address === there) done.set(name, 'skip')
      else if (event.type === 'error' && [here, kept].includes(formatAddressOf(event) ?? ''))
        done.set(name, 'fail')
  }
  return done
}

function formatAddressOf({ error }: HawserEvent & { type: 'error' }): string | undefined {
  return error.location && formatAddress(error.location, error.key)
}

function counts({ summary }: RunResult): object {
  const { copied, updated, removed, unchanged, skipped, failed, bytes } = summary
  return { copied, updated, removed, unchanged, skipped, failed, bytes }
}

function codesOf({ failures }: RunResult): string[] {
  return failures.map(({ code }) => code).toSorted()
}

function expectOutcomes({ result, done }: Ran, { outcomes, failures }: Prediction): void {
  const told = Object.fromEntries(
    [...outcomes].map(([name, possible]) => {
      const quiet = possible.includes('unchanged') ? 'unchanged' : 'alone'
      return [name, done.get(name) ?? quiet]
    }),
  )
  const wanted = Object.fromEntries(
    [...outcomes].map(([name, possible]) => [
      name,
      possible.find((one) => one === told[name]) ?? possible[0],
    ]),
  )
  expect(told).toEqual(wanted)
  const all = Object.values(told)
  const count = (outcome: Outcome): number => all.filter((one) => one === outcome).length
  expect(codesOf(result)).toEqual(
    [...failures, ...all.filter((one) => one === 'fail').map(() => 'conflict')].toSorted(),
  )
  expect(result.summary).toMatchObject({
    copied: count('copy'),
    updated: count('update'),
    removed: count('remove'),
    unchanged: count('unchanged'),
    skipped: count('skip'),
    failed: failures.length + count('fail'),
  })
}

/** All that is there now, by what was there and what was done. */
function expectAfter(
  { all, world }: Seen,
  archive: boolean,
  done: ReadonlyMap<string, Outcome>,
  after: Seen,
): void {
  const { source, target, backupsBelow: kept = '\0' } = world
  // Nothing else was touched: neither the source nor what lies beside both.
  expect(without(after.all[0] ?? new Map(), 'dst/', 'kept/')).toEqual(
    without(all[0] ?? new Map(), 'dst/', 'kept/'),
  )
  expect(without(after.all[1] ?? new Map(), 'dst/', 'kept/')).toEqual(
    without(all[1] ?? new Map(), 'dst/', 'kept/'),
  )
  const wanted = new Map(without(target, kept))
  const backedUp = new Map<string, string>()
  for (const [name, outcome] of done) {
    const [there, here] = [source.get(name), target.get(name)]
    if (here && here.kind !== 'directory' && (outcome === 'copy' || outcome === 'remove'))
      backedUp.set(name, here.kind === 'link' ? `-> ${here.body}` : here.body)
    if (outcome === 'remove') wanted.delete(name)
    if (outcome === 'copy' && there) wanted.set(name, there)
    // Bytes that were believed to be the same stay.
    if (outcome === 'update' && there && here) wanted.set(name, { ...there, body: here.body })
    if (world.toDisk && outcome === 'copy')
      for (const one of wanted.keys()) if (one.startsWith(`${name}/`)) wanted.delete(one)
  }
  const found = without(after.world.target, kept)
  const expected = withDirectories(wanted, world, archive, done)
  expect(shape(found)).toEqual(shape(expected))
  for (const [name, item] of found) {
    if (item.kind === 'directory') continue
    const outcome = done.get(name)
    if (outcome !== 'copy' && outcome !== 'update') expect(item).toEqual(target.get(name))
    else expectTime(item, source.get(name), world)
  }
  const kepts = backupsNow(world, after)
  if (!world.backups || !kepts) return
  const before = world.backups
  expect(shape(withoutDirectories(kepts))).toEqual(
    new Map([...shape(withoutDirectories(before)), ...backedUp]),
  )
}

function backupsNow({ backups, backupsBelow }: World, { all, world }: Seen): Tree | undefined {
  if (!backups) return undefined
  return backupsBelow === undefined
    ? below(all[1] ?? new Map(), 'kept/')
    : below(world.target, backupsBelow)
}

/** On a disk, with those of what was copied, and without those that were left empty by a removal. */
function withDirectories(
  wanted: ReadonlyMap<string, Item>,
  { source, toDisk }: World,
  archive: boolean,
  done: ReadonlyMap<string, Outcome>,
): Tree {
  const all = new Map(wanted)
  if (!toDisk) return all
  const made: Item = {
    kind: 'directory',
    body: '',
    time: 0n,
    own: 0n,
    listed: 0n,
    mode: undefined,
    identity: '',
  }
  for (const name of wanted.keys())
    for (const one of directoriesAbove(name)) if (!all.has(one)) all.set(one, made)
  for (const [name, outcome] of done) {
    if (outcome !== 'remove') continue
    for (const one of directoriesAbove(name).toReversed())
      if (
        !(archive && source.has(one)) &&
        ![...all.keys()].some((other) => other !== one && other.startsWith(one))
      )
        all.delete(one)
  }
  return all
}

function withoutDirectories(tree: Tree): Tree {
  return new Map([...tree].filter(([, { kind }]) => kind !== 'directory'))
}

function shape(tree: Tree): Map<string, string> {
  return new Map(
    [...tree].map(([name, { kind, body }]) => [name, kind === 'link' ? `-> ${body}` : body]),
  )
}

function expectTime(item: Item, source: Item | undefined, { inside }: World): void {
  const wanted = inside ? source?.own : source?.time
  if (wanted === undefined || item.own === undefined) expect(item.own).toBe(wanted)
  else expect(Math.abs(Number(item.own - wanted))).toBeLessThan(1000)
}

// The ways

interface WayOfCases {
  readonly open: () => Promise<Way>
  readonly scope: Scope
  readonly runs: number
  readonly edits: number
}

async function cases({ open, scope, runs, edits }: WayOfCases): Promise<void> {
  const property = fc.asyncProperty(roundsOf(scope, edits), async (rounds) => {
    const way = await open()
    try {
      await follow(way, rounds)
    } finally {
      await way.from[Symbol.asyncDispose]()
      await way.to[Symbol.asyncDispose]()
    }
  })
  await fc.assert(property, { numRuns: runs })
}

const memory = (): Ground => bucketGround(memoryStore(), '')

describe('on a clock of its own', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  test.each<[string, number, boolean, () => Promise<Way>]>([
    ['memory to memory', 500, false, async () => ({ from: memory(), to: memory(), inside: false })],
    [
      'memory to memory, in one store',
      200,
      false,
      async () => {
        const one = memory()
        return { from: one, to: one, inside: true }
      },
    ],
    [
      'disk to memory',
      150,
      true,
      async () => ({ from: await diskGround(), to: memory(), inside: false }),
    ],
    [
      'memory to disk',
      100,
      false,
      async () => ({ from: memory(), to: await diskGround(), inside: false }),
    ],
    [
      'disk to disk',
      100,
      true,
      async () => ({ from: await diskGround(), to: await diskGround(), inside: false }),
    ],
  ])('%s', { timeout: 120_000 }, async (name, runs, links, open) => {
    const scope = { fits: name.includes('disk'), links, service: false }
    await cases({ open, scope, runs, edits: 14 })
  })
})

describeS3(
  'a bucket',
  (endpoint) => {
    let store: Store | undefined
    let opened = 0
    beforeAll(async () => {
      store = await openBucket(endpoint)
    })
    afterAll(async () => store?.[Symbol.asyncDispose]())
    function bucket(): Ground {
      if (!store) throw new Error('no bucket')
      return bucketGround(store, `case-${opened++}/`)
    }

    test.each<[string, boolean, () => Promise<Way>]>([
      ['from disk', true, async () => ({ from: await diskGround(), to: bucket(), inside: false })],
      ['to disk', false, async () => ({ from: bucket(), to: await diskGround(), inside: false })],
      [
        'in one account',
        false,
        async () => {
          const one = bucket()
          return { from: one, to: one, inside: true }
        },
      ],
    ])('%s', { timeout: 120_000 }, async (name, links, open) => {
      const scope = { fits: name.includes('disk'), links, service: true }
      await cases({ open, scope, runs: 20, edits: 6 })
    })
  },
  ['ceph20'],
)
