// Parts of any size, sent in any order and again: the object is what was sent last, end to end.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PartInfo } from '../../../../src/serve/vault/types.ts'
import { bucketOf, call } from '../tools.ts'
import {
  MiB5,
  body,
  etagOf,
  expectBytes,
  inMemory,
  leftovers,
  onDisk,
  plainUpload,
  randomBytes,
  request,
  type Place,
} from './tools.ts'

const bucket = bucketOf()
const sizes = [0, 1, 1000, MiB5 - 1, MiB5, MiB5, MiB5, MiB5 + 1, MiB5 + 300_000]
const contents = sizes.map(randomBytes)

const sending = fc.record({
  number: fc.integer({ min: 1, max: 5 }),
  content: fc.nat({ max: contents.length - 1 }),
  together: fc.boolean(),
})

test.each([
  ['on a directory', onDisk],
  ['in memory', inMemory],
] as const)('%s', async (_name, openPlace) => {
  const place = await openPlace()
  const sendings = fc.array(sending, { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(sendings, fc.infiniteStream(fc.boolean()), (all, taken) =>
      run(place, all, taken),
    ),
    { numRuns: 12 },
  )
  expect(await leftovers(place)).toEqual([])
})

async function run(
  place: Place,
  sendings: readonly { number: number; content: number; together: boolean }[],
  taken: Iterator<boolean>,
): Promise<void> {
  const { uploads } = place
  const upload = await uploads.begin(bucket, 'key', plainUpload, call)
  const sent = new Map<number, { readonly part: PartInfo; readonly bytes: Uint8Array }>()
  let underWay = new Map<number, Promise<void>>()
  for (const { number, content, together } of sendings) {
    if (!together || underWay.has(number)) {
      await Promise.all(underWay.values())
      underWay = new Map()
    }
    const bytes = contents[content] ?? new Uint8Array()
    const send = async (): Promise<void> => {
      sent.set(number, {
        part: await uploads.part(bucket, upload, number, body(bytes), call),
        bytes,
      })
    }
    underWay.set(number, send())
  }
  await Promise.all(underWay.values())
  const inOrder = [...sent.values()].toSorted((a, b) => a.part.number - b.part.number)
  expect(await uploads.parts(upload, 0, 100)).toEqual(inOrder.map(({ part }) => part))
  const chosen: typeof inOrder = []
  for (const each of inOrder) {
    const last = chosen.at(-1)
    if (last && last.bytes.length < MiB5) break
    if (taken.next().value === true || chosen.length === 0) chosen.push(each)
  }
  const pieces = chosen.map(({ bytes }) => bytes)
  const asked = request(chosen.map(({ part }) => part))
  const version = await uploads.complete(bucket, upload, asked)
  expect(version.record.etag).toBe(etagOf(pieces))
  await expectBytes(place, bucket, 'key', pieces)
}
