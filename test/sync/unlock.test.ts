import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { own, syncAsUser, userDirectory } from './user.ts'
import { treeDifferences } from '../e2e/trees.ts'

const directory = (): { at: (name: string) => string; mode: (name: string) => string } => {
  const top = userDirectory()
  const at = (name: string): string => join(top, name)
  return { at, mode: (name) => (statSync(at(name)).mode & 0o7777).toString(8) }
}

/** A tree that -a has made alike, with a directory in a directory, both read-only. */
async function readOnly(): Promise<ReturnType<typeof directory>> {
  const here = directory()
  const { at } = here
  mkdirSync(at('src/d/e'), { recursive: true })
  for (const name of ['d/e/f', 'd/e/g', 'd/h']) writeFileSync(at(`src/${name}`), `of ${name}`)
  own(at('src'))
  for (const name of ['d/e', 'd']) chmodSync(at(`src/${name}`), 0o555)
  expect(await syncAsUser(at(''), { archive: true })).toMatchObject({ failures: [] })
  return here
}

async function expectAlike({ at }: ReturnType<typeof directory>): Promise<void> {
  expect(await treeDifferences(at('src'), at('dst'), { modes: true, directories: true })).toEqual(
    [],
  )
  const again = await syncAsUser(at(''), { archive: true, delete: true })
  expect(again).toMatchObject({ done: [], failures: [], warnings: [] })
}

const archive = { archive: true, delete: true }

test('read-only directories that were renamed are renamed, and the old ones removed', async () => {
  const here = await readOnly()
  const { at, mode } = here
  renameSync(at('src/d'), at('src/d2'))
  expect(await syncAsUser(at(''), archive)).toMatchObject({ failures: [], warnings: [] })
  expect([mode('dst/d2'), mode('dst/d2/e')]).toEqual(['555', '555'])
  await expectAlike(here)
})

test('in a read-only directory files and directories are made, replaced, renamed and removed', async () => {
  const here = await readOnly()
  const { at, mode } = here
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  writeFileSync(at('src/d/e/new'), 'new')
  writeFileSync(at('src/d/h'), 'other bytes')
  mkdirSync(at('src/d/made/within'), { recursive: true })
  renameSync(at('src/d/e/f'), at('src/d/e/f2'))
  rmSync(at('src/d/e/g'))
  own(at('src'))
  for (const name of ['d/made', 'd/e', 'd']) chmodSync(at(`src/${name}`), 0o555)
  const told = await syncAsUser(at(''), archive)
  expect(told).toMatchObject({ failures: [], summary: { renamed: 1, removed: 2, updated: 0 } })
  expect(['dst/d', 'dst/d/e', 'dst/d/made'].map(mode)).toEqual(['555', '555', '555'])
  await expectAlike(here)
})

test('a file gives place to a directory there, and a directory to a file', async () => {
  const here = await readOnly()
  const { at } = here
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  rmSync(at('src/d/h'))
  rmSync(at('src/d/e'), { recursive: true })
  mkdirSync(at('src/d/h'))
  writeFileSync(at('src/d/h/x'), 'x')
  writeFileSync(at('src/d/e'), 'a file')
  own(at('src'))
  for (const name of ['d/h', 'd']) chmodSync(at(`src/${name}`), 0o555)
  expect(await syncAsUser(at(''), archive)).toMatchObject({ failures: [], warnings: [] })
  await expectAlike(here)
})

test('one that the source does not have, and that stays, gets its mode back', async () => {
  const { at, mode } = await readOnly()
  writeFileSync(at('dst/d/e/mine'), 'of another program')
  chmodSync(at('dst/d/e'), 0o2555)
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  renameSync(at('src/d/e/f'), at('src/f'))
  rmSync(at('src/d'), { recursive: true })
  const told = await syncAsUser(at(''), { archive: true })
  expect(told).toMatchObject({ failures: [], summary: { renamed: 1, removed: 1 } })
  expect([mode('dst/d'), mode('dst/d/e')]).toEqual(['555', '2555'])
})

test('a run that is killed leaves it writable, and the next one sets it right', async () => {
  const here = await readOnly()
  const { at, mode } = here
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  for (const name of ['d/e/1', 'd/e/2']) writeFileSync(at(`src/${name}`), name)
  own(at('src'))
  for (const name of ['d/e', 'd']) chmodSync(at(`src/${name}`), 0o555)
  expect(await syncAsUser(at(''), { archive: true }, 1)).toBeUndefined()
  expect([mode('dst/d'), mode('dst/d/e')]).toEqual(['755', '755'])
  expect(await syncAsUser(at(''), { archive: true })).toMatchObject({ failures: [] })
  expect([mode('dst/d'), mode('dst/d/e')]).toEqual(['555', '555'])
  await expectAlike(here)
})

test('what a failure left in one does not leave it writable', async () => {
  const { at, mode } = await readOnly()
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  writeFileSync(at('src/d/e/secret'), 'x')
  own(at('src'))
  chmodSync(at('src/d/e/secret'), 0)
  for (const name of ['d/e', 'd']) chmodSync(at(`src/${name}`), 0o555)
  const told = await syncAsUser(at(''), { archive: true })
  expect(told?.failures).toHaveLength(1)
  expect([mode('dst/d'), mode('dst/d/e')]).toEqual(['555', '555'])
})

test('a dry run, and a run without -a, change no modes', async () => {
  const { at, mode } = await readOnly()
  for (const name of ['d', 'd/e']) chmodSync(at(`src/${name}`), 0o755)
  writeFileSync(at('src/d/e/new'), 'x')
  own(at('src'))
  expect(await syncAsUser(at(''), { archive: true, dryRun: true })).toMatchObject({ failures: [] })
  expect(mode('dst/d/e')).toBe('555')
  const told = await syncAsUser(at(''), {})
  expect(told?.failures).toEqual(['permission denied: dst/d/e/new'])
  expect(mode('dst/d/e')).toBe('555')
})

test.runIf(process.geteuid?.() === 0)(
  "in another's directory what cannot be done fails, and says so",
  async () => {
    const { at, mode } = await readOnly()
    chmodSync(at('src/d/e'), 0o755)
    writeFileSync(at('src/d/e/new'), 'x')
    own(at('src'))
    chmodSync(at('src/d/e'), 0o555)
    chownSync(at('dst/d/e'), 0, 0)
    const told = await syncAsUser(at(''), { archive: true })
    expect(told?.failures).toContain('permission denied: dst/d/e/new')
    expect(mode('dst/d/e')).toBe('555')
  },
)

test('a directory that -a has made unreadable is repaired by the next run', async () => {
  const here = directory()
  const { at, mode } = here
  mkdirSync(at('src/shut'))
  for (const name of ['f', 'g']) writeFileSync(at(`src/shut/${name}`), name)
  own(at('src'))
  expect(await syncAsUser(at(''), { archive: true })).toMatchObject({ failures: [] })
  chmodSync(at('src/shut'), 0)
  const shut = await syncAsUser(at(''), archive)
  expect(shut?.failures).toEqual([expect.stringMatching(/^permission denied: .*src\/shut\/$/)])
  expect(mode('dst/shut')).toBe('0')
  chmodSync(at('src/shut'), 0o755)
  writeFileSync(at('src/shut/f'), 'other')
  const opened = await syncAsUser(at(''), archive)
  expect(opened).toMatchObject({ failures: [], warnings: ['permission denied: dst/shut/'] })
  await expectAlike(here)
})
