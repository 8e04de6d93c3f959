import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  apply,
  check,
  copy,
  type HawserEvent,
  isHawserError,
  list,
  move,
  open,
  plan,
  runs,
  status,
  sync,
} from '../src/index.ts'

let root: string

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'hawser-api-')))
  await mkdir(join(root, 'tree/sub'), { recursive: true })
  await writeFile(join(root, 'tree/a'), 'a')
  await writeFile(join(root, 'tree/sub/b'), 'bb')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true })
})

test('sync tells its totals and its events', async () => {
  const events: HawserEvent[] = []
  const options = {
    stateDir: join(root, 'state'),
    onEvent: (event: HawserEvent) => events.push(event),
  }
  const first = await sync(join(root, 'tree'), join(root, 'copy'), options)
  expect(first.summary).toMatchObject({ copied: 2, bytes: 3, failed: 0 })
  expect(events.at(0)).toMatchObject({ type: 'start', command: 'sync' })
  expect(events.at(-1)).toMatchObject({ type: 'summary' })
  await rm(join(root, 'tree/a'))
  const second = await sync(join(root, 'tree'), join(root, 'copy'), { ...options, delete: true })
  expect(second.summary).toMatchObject({ copied: 0, removed: 1, unchanged: 1 })
})

test('plan writes a file, and apply does what it says', async () => {
  const [file, stateDir] = [join(root, 'plan'), join(root, 'state')]
  const planned = await plan(join(root, 'tree'), join(root, 'copy'), file, { stateDir })
  expect(planned.summary).toMatchObject({ command: 'plan', dryRun: true, copied: 2 })
  await writeFile(join(root, 'tree/a'), 'changed')
  const { summary, failures } = await apply(file, { stateDir })
  expect(summary).toMatchObject({ command: 'apply', copied: 1, failed: 1 })
  expect(failures).toMatchObject([{ code: 'conflict', address: join(root, 'tree/a') }])
})

test('status and runs tell what earlier runs know', async () => {
  const [tree, copied, stateDir] = [join(root, 'tree'), join(root, 'copy'), join(root, 'state')]
  const look = (to?: string) => Array.fromAsync(status(tree, to, { stateDir }))
  const never = await look().catch((error: unknown) => error)
  expect(never).toMatchObject({ code: 'not-found', op: 'status' })
  expect(await Array.fromAsync(runs({ stateDir }))).toEqual([])
  expect(await readdir(root)).toEqual(['tree'])

  await sync(tree, copied, { stateDir })
  await copy(join(tree, 'a'), join(root, 'x'), { stateDir })
  await writeFile(join(tree, 'a'), 'changed')
  const at = { from: tree, to: copied }
  expect(await look(copied)).toMatchObject([
    { ...at, type: 'begin' },
    { ...at, type: 'change', changed: { name: 'a', change: 'changed', size: 7 } },
    { ...at, type: 'totals', totals: { changed: 1, unchanged: 1, bytes: 7 } },
  ])
  expect(await look(join(root, 'other')).catch((error: unknown) => error)).toMatchObject({
    code: 'not-found',
  })
  expect(await Array.fromAsync(runs({ stateDir }))).toMatchObject([
    { command: 'copy', state: 'ended', exitCode: 0 },
    { command: 'sync', to: copied, summary: { copied: 2 } },
  ])
  expect(await Array.fromAsync(runs({ stateDir, limit: 1 }))).toHaveLength(1)
})

test('copy takes one source or several', async () => {
  await copy(join(root, 'tree'), join(root, 'copy'), { recursive: true })
  expect(await readFile(join(root, 'copy/sub/b'), 'utf8')).toBe('bb')
  await copy([join(root, 'tree/a'), join(root, 'tree/sub/b')], join(root, 'flat/'))
  expect((await readdir(join(root, 'flat'))).toSorted()).toEqual(['a', 'b'])
})

test('move renames, and check tells what differs', async () => {
  await copy(join(root, 'tree'), join(root, 'copy'), { recursive: true })
  await writeFile(join(root, 'copy/a'), 'A')
  const { totals, findings } = await check(join(root, 'tree'), join(root, 'copy'))
  expect(totals).toMatchObject({ equal: 1, differing: 1 })
  expect(findings).toMatchObject([{ verdict: 'differs', name: 'a' }])
  expect((await check(join(root, 'tree'), undefined)).totals.unproven).toBe(2)
  const { summary } = await move(join(root, 'copy'), join(root, 'moved'), { recursive: true })
  expect(summary).toMatchObject({ moved: 2, failed: 0 })
  expect((await readdir(root)).toSorted()).toEqual(['moved', 'tree'])
})

test('without a state directory nothing is left behind', async () => {
  await mkdir(join(root, 'temporary'))
  vi.stubEnv('TMPDIR', join(root, 'temporary'))
  await sync(join(root, 'tree'), join(root, 'copy'))
  expect(await readdir(join(root, 'temporary'))).toEqual([])
  expect((await readdir(root)).toSorted()).toEqual(['copy', 'temporary', 'tree'])
})

test('list yields entries, and a place is a store with a prefix', async () => {
  const keys = []
  for await (const { key } of list(join(root, 'tree'))) keys.push(key)
  expect(keys).toEqual(['a', 'sub/b'])
  const matches = await Array.fromAsync(list(join(root, '*/**/b')), ({ key }) => key)
  expect(matches).toEqual(['tree/sub/b'])
  const literal = Array.fromAsync(list(join(root, 'tree/*'), { literal: true }))
  expect(await literal).toEqual([])
  const fitting = await Array.fromAsync(list(root, { regex: '.*/.' }), ({ key }) => key)
  expect(fitting).toEqual(['tree/a', 'tree/sub/b'])
  await using place = await open(join(root, 'tree/a'))
  expect(await place.store.stat(place.prefix)).toMatchObject({ size: 1 })
})

test('what cannot go on rejects with a code', async () => {
  const failure: unknown = await sync(join(root, 'nope'), join(root, 'copy')).catch(
    (error: unknown) => error,
  )
  expect(isHawserError(failure) && failure.code).toBe('not-found')
})
