import * as fc from 'fast-check'
import { appendFile, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isHawserError } from '../../../src/core/errors.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { PlanFile, writePlan } from '../../../src/sync/plan/file.ts'
import { plan } from '../../../src/sync/plan/plan.ts'
import { failure } from '../../conformance/tools.ts'
import { temporaryDirectory, temporaryState } from '../../transfer/tools.ts'
import { fill, place } from '../tools.ts'
import { planTo } from './tools.ts'

/** A plan of so many copies. */
async function planOf(count: number): Promise<string> {
  const from = memoryStore()
  await fill(from, ...Array.from({ length: count }, (_, i) => `n${i}`))
  const state = await temporaryState()
  const { file } = await planTo(place(from), place(memoryStore()), { state })
  return file
}

async function openPlan(file: string): Promise<void> {
  await using _ = await PlanFile.open(file)
}

test('a long one is read in its order, again and again', async () => {
  const file = await planOf(3000)
  await using read = await PlanFile.open(file)
  const names = Array.from({ length: 3000 }, (_, i) => `n${i}`).toSorted()
  for (let i = 0; i < 2; i++) {
    const actions = await Array.fromAsync(read.actions())
    expect(actions.map(({ name }) => name)).toEqual(names)
  }
  expect(read.header).toMatchObject({ actions: 3000, counts: { copied: 3000 } })
})

test('one of nothing is a plan', async () => {
  await using read = await PlanFile.open(await planOf(0))
  expect(await Array.fromAsync(read.actions())).toEqual([])
})

test('whatever is cut off or changed in it, it is refused', async () => {
  const file = await planOf(3)
  const bytes = await readFile(file)
  const at = fc.nat(bytes.length - 1)
  const broken = fc.oneof(
    at.map((end) => bytes.subarray(0, end)),
    fc.tuple(at, fc.nat(255)).map(([where, byte]) => {
      const changed = Buffer.from(bytes)
      changed[where] = byte
      return changed
    }),
    fc
      .tuple(at, at)
      .map(([from, to]) => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])),
    fc.uint8Array().map((more) => Buffer.concat([bytes, more])),
  )
  const property = fc.asyncProperty(broken, async (content) => {
    fc.pre(!bytes.equals(content))
    await writeFile(file, content)
    try {
      await openPlan(file)
      expect.unreachable()
    } catch (error) {
      if (!isHawserError(error)) throw error
      expect(['invalid-config', 'unsupported']).toContain(error.code)
    }
  })
  await fc.assert(property, { numRuns: 300 })
})

test.each([
  ['its end is missing', (file: string) => truncate(file, 200)],
  ['something follows its last line', (file: string) => appendFile(file, '{}\n')],
  [
    'its digest is another one',
    async (file: string) => {
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace('"name":"n0"', '"name":"n9"'))
    },
  ],
  [
    'it has 2 actions, and not as many as it says',
    async (file: string) => {
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.split('\n').toSpliced(1, 1).join('\n'))
    },
  ],
  ['line 1 is not UTF-8', (file: string) => writeFile(file, Buffer.from('"\xff"\n', 'latin1'))],
  ['line 1 is too long', (file: string) => writeFile(file, Buffer.alloc(17 * 2 ** 20, 'x'))],
])('%s', async (message, breakIt) => {
  const file = await planOf(3)
  await breakIt(file)
  const error = await failure(openPlan(file), 'invalid-config')
  expect(error.message).toContain(message)
  expect(error.address).toBe(file)
})

test('what is no file', async () => {
  const directory = await temporaryDirectory()
  await failure(openPlan(join(directory, 'none')), 'local-io')
  expect((await failure(openPlan(directory), 'invalid-config')).message).toContain('not a file')
})

async function* dying(lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield* lines
  throw new Error('died')
}

test('a plan that cannot be finished leaves the older one, also behind a link', async () => {
  const file = await planOf(1)
  const older = await readFile(file, 'utf8')
  const link = join(dirname(file), 'link')
  await symlink(file, link)
  const from = memoryStore()
  await fill(from, 'a')
  const options = { state: await temporaryState(), hawser: '0.0.0' }
  const made = plan(place(from), place(memoryStore()), options, (header, lines) =>
    writePlan(link, header, dying(lines)),
  )
  await failure(made, 'local-io')
  expect(await readFile(file, 'utf8')).toBe(older)
  expect(await readdir(dirname(file))).toEqual(['link', 'plan'])
})
