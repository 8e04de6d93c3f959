// Wherever the process dies, the next one gives each upload its old or its new state, and brings it to its end.
import { expect, test } from 'vitest'
import type { Bucket, PartInfo, UploadInfo, Uploads } from '../../../../src/serve/vault/types.ts'
import { put } from '../../../../src/serve/vault/write.ts'
import { Killed, bodyOf, bucketOf, call, factsOf } from '../tools.ts'
import {
  MiB5,
  body,
  expectBytes,
  leftovers,
  mortal,
  onDisk,
  plainUpload,
  randomBytes,
  request,
  send,
  type Place,
} from './tools.ts'

const big = randomBytes(MiB5)
const other = randomBytes(MiB5)
const larger = randomBytes(MiB5 + 1)
const small = randomBytes(10)

interface Scenario {
  readonly bucket: Bucket
  readonly key: (run: number) => string
  readonly parts: readonly (readonly [number, Uint8Array])[]
  readonly whole: readonly Uint8Array[]
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'all in place': {
    bucket: bucketOf(),
    key: (run) => `dir/${run}`,
    parts: [
      [1, big],
      [2, small],
    ],
    whole: [big, small],
  },
  'one copied into place, over a version that stays': {
    bucket: bucketOf('enabled'),
    key: (run) => `dir/${run}`,
    parts: [
      [1, big],
      [2, small],
      [1, other],
    ],
    whole: [other, small],
  },
  'all copied, at a key that cannot be a name': {
    bucket: bucketOf(),
    key: (run) => `dir//${run}`,
    parts: [
      [1, big],
      [2, larger],
      [3, other],
      [4, small],
    ],
    whole: [big, larger, other, small],
  },
}

type Death = (upload: UploadInfo, sent: readonly PartInfo[]) => Promise<unknown>

/** Begins an upload, dies at each step of its end in turn, and says how the next process goes on. */
async function eachStep(
  { bucket, key, parts }: Scenario,
  die: (dying: Uploads) => Death,
  check: (place: Place, upload: UploadInfo, sent: readonly PartInfo[]) => Promise<void>,
): Promise<void> {
  let place = await onDisk()
  let run = 0
  for (const when of ['before', 'after'] as const) {
    for (let at = 1; ; at++) {
      const name = key(++run)
      await put(place.context, bucket, name, bodyOf('old'), factsOf('text/plain'), call)
      const upload = await place.uploads.begin(bucket, name, plainUpload, call)
      await send(place, bucket, upload, parts)
      const sent = await place.uploads.parts(upload, 0, 100)
      const dying = mortal(place, at, when)
      const died = (await isKilled(die(dying.uploads)(upload, sent))) || dying.isDead()
      place = await place.restart()
      await check(place, upload, sent)
      expect(await leftoversBut(place, bucket)).toEqual([])
      if (!died) break
      expect(at).toBeLessThan(40)
    }
  }
}

/** Objects whose keys cannot be names stay where they were assembled. */
async function leftoversBut(place: Place, { name }: Bucket): Promise<readonly string[]> {
  const rows = place.context.ledger.scan(name, { prefix: '', from: '', limit: 1000 })
  const places = new Set(rows.map((row) => row.place))
  return (await leftovers(place)).filter((key) => !places.has(key))
}

test.each(Object.entries(scenarios))('a completion: %s', async (_name, scenario) => {
  const { bucket, whole } = scenario
  const die =
    (dying: Uploads): Death =>
    (upload, sent) =>
      dying.complete(bucket, upload, request(sent))
  await eachStep(scenario, die, async (place, upload, sent) => {
    const found = await place.uploads.find(bucket, upload.key, upload.id)
    const version = await place.uploads.complete(bucket, found, request(sent))
    await expectBytes(place, bucket, upload.key, whole)
    expect(version.record.parts?.length).toBe(whole.length)
    expect(await place.uploads.complete(bucket, found, request(sent))).toEqual(version)
  })
})

test.each(Object.entries(scenarios))('an abort: %s', async (_name, scenario) => {
  const { bucket } = scenario
  const die =
    (dying: Uploads): Death =>
    (upload) =>
      dying.abort(bucket, upload, call)
  await eachStep(scenario, die, async (place, upload) => {
    const again = place.uploads.abort(bucket, upload, call)
    await again.catch((error: unknown) => expect(error).toMatchObject({ code: 'NoSuchUpload' }))
    await expectBytes(place, bucket, upload.key, [Buffer.from('old')])
  })
})

test('an abort after a completion that died', async () => {
  const scenario = scenarios['all in place']
  if (!scenario) throw new Error('no scenario')
  const { bucket, whole } = scenario
  const die =
    (dying: Uploads): Death =>
    (upload, sent) =>
      dying.complete(bucket, upload, request(sent))
  await eachStep(scenario, die, async (place, upload) => {
    const aborted = place.uploads.abort(bucket, upload, call)
    await aborted.catch((error: unknown) => expect(error).toMatchObject({ code: 'NoSuchUpload' }))
    const old = [Buffer.from('old')]
    await Promise.any([
      expectBytes(place, bucket, upload.key, old),
      expectBytes(place, bucket, upload.key, whole),
    ])
  })
})

test.each(Object.entries(scenarios))(
  'a completion that died, and another object after it: %s',
  async (_name, scenario) => {
    const { bucket, whole } = scenario
    const die =
      (dying: Uploads): Death =>
      (upload, sent) =>
        dying.complete(bucket, upload, request(sent))
    await eachStep(scenario, die, async (place, upload, sent) => {
      const { key } = upload
      const later = Buffer.from('later')
      await put(place.context, bucket, key, bodyOf('later'), factsOf('text/plain'), call)
      try {
        const { version } = await place.uploads.complete(bucket, upload, request(sent))
        await expectBytes(place, bucket, key, whole, version)
      } catch (error) {
        // The completion had come to its end, and its object was replaced since.
        expect(error).toMatchObject({ code: 'NoSuchUpload' })
        await expectBytes(place, bucket, key, [later])
      }
      const aborted = place.uploads.abort(bucket, upload, call)
      await aborted.catch((error: unknown) => expect(error).toMatchObject({ code: 'NoSuchUpload' }))
      await expect(place.uploads.parts(upload, 0, 1)).rejects.toMatchObject({
        code: 'NoSuchUpload',
      })
    })
  },
)

test('a part that comes again', async () => {
  const scenario = scenarios['one copied into place, over a version that stays']
  if (!scenario) throw new Error('no scenario')
  const { bucket } = scenario
  const die =
    (dying: Uploads): Death =>
    (upload) =>
      dying.part(bucket, upload, 1, body(big), call)
  await eachStep(scenario, die, async (place, upload, sent) => {
    const parts = await place.uploads.parts(upload, 0, 10)
    const isNew = parts[0]?.etag !== sent[0]?.etag
    await place.uploads.complete(bucket, upload, request(parts))
    await expectBytes(place, bucket, upload.key, [isNew ? big : other, small])
  })
})

async function isKilled(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (error instanceof Killed) return true
    throw error
  }
}
