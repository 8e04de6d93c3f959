import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { SignatureTable } from '../../src/state/signatures.ts'
import { openState } from '../../src/state/state.ts'
import { StateThread } from '../../src/state/thread.ts'
import { temporaryDirectory, temporaryState } from './fixtures.ts'

const place = '["s3","https://s3.example","bucket"]'
const key = toKey('big')

test('a signature is found again by a later run', async () => {
  const directory = await temporaryDirectory()
  const first = await openState(directory)
  await first.signatures.put(place, key, Buffer.from('old'))
  await first.signatures.put(place, key, Buffer.from('\0new'))
  await first[Symbol.asyncDispose]()
  const { signatures } = await temporaryState(directory)
  expect(Buffer.from((await signatures.get(place, key)) ?? [])).toEqual(Buffer.from('\0new'))
  expect(await signatures.get('elsewhere', key)).toBeUndefined()
  await signatures.remove(place, key)
  expect(await signatures.get(place, key)).toBeUndefined()
})

test('those that were written longest ago make room', async () => {
  const thread = new StateThread({ directory: await temporaryDirectory(), onWarning: undefined })
  const signatures = new SignatureTable(thread, 100)
  const keys = ['a', 'b', 'c'].map(toKey)
  for (const each of keys) await signatures.put(place, each, Buffer.alloc(40))
  const found = await Promise.all(keys.map(async (each) => signatures.get(place, each)))
  expect(found.map((bytes) => bytes?.length)).toEqual([undefined, 40, 40])
  await thread.end()
})
