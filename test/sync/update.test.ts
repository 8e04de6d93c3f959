// What is recorded of an object that was given other attributes is that object, not what another program has made of it.
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { sync } from '../../src/sync/sync.ts'
import { getText, put } from '../conformance/tools.ts'
import { storeWith, temporaryDirectory, temporaryState } from '../transfer/tools.ts'
import { place } from './tools.ts'

/** @param disturb what another program does once a file that was only touched has got its time */
async function expectNoticed(
  to: Store,
  disturb: (task: () => Promise<void>) => Store,
  theirs: () => Promise<void>,
): Promise<void> {
  const directory = await temporaryDirectory()
  const state = await temporaryState()
  const from = place(localStore(directory, { durable: false }))
  await writeFile(join(directory, 'a'), 'ours')
  await sync(from, place(to), { state })
  await utimes(join(directory, 'a'), 1e9, 1e9)
  let disturbed = false
  const target = disturb(async () => {
    disturbed = true
    await theirs()
  })
  await sync(from, place(target), { state })
  expect([disturbed, await getText(to, 'a')]).toEqual([true, 'else'])
  const { summary } = await sync(from, place(to), { state })
  expect(summary).toMatchObject({ copied: 1, unchanged: 0, failed: 0 })
  expect(await getText(to, 'a')).toBe('ours')
}

test('a file that is written to at once', async () => {
  const directory = await temporaryDirectory()
  const disk = localStore(directory, { durable: false })
  const disturb = (task: () => Promise<void>): Store =>
    storeWith(disk, {
      async setAttributes(...given) {
        await disk.setAttributes?.(...given)
        await task()
      },
    })
  await expectNoticed(disk, disturb, async () => writeFile(join(directory, 'a'), 'else'))
})

test('an object that is replaced at once', async () => {
  const memory = storeWith(memoryStore(), { setAttributes: undefined, rename: undefined })
  const { copy } = memory
  const disturb = (task: () => Promise<void>): Store => {
    const target: Store = storeWith(memory, {
      copy: copy && {
        ...copy,
        accepts: (store) => store === target,
        async copy(...given) {
          const info = await copy.copy(...given)
          await task()
          return info
        },
      },
    })
    return target
  }
  await expectNoticed(memory, disturb, async () => void (await put(memory, 'a', 'else')))
})
