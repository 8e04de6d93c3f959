// An upload in parts becomes an object, or nothing.
import { mkdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { objectChecksum, checksumOf } from '../../../../src/kernels/checksums.ts'
import { S3Error } from '../../../../src/serve/errors.ts'
import { look } from '../../../../src/serve/vault/look.ts'
import { open } from '../../../../src/serve/vault/read.ts'
import { put } from '../../../../src/serve/vault/write.ts'
import { bodyOf, bucketOf, call, factsOf } from '../tools.ts'
import {
  MiB5,
  body,
  expectBytes,
  etagOf,
  inMemory,
  leftovers,
  onDisk,
  plainUpload,
  randomBytes,
  request,
  send,
  slowBody,
  wrongBody,
} from './tools.ts'

const bucket = bucketOf()
const big = randomBytes(MiB5)
const other = randomBytes(MiB5)
const larger = randomBytes(MiB5 + 100_000)
const small = randomBytes(1000)

const kinds = [
  ['on a directory', onDisk],
  ['in memory', inMemory],
] as const

describe.each(kinds)('%s', (_name, openPlace) => {
  test('parts become one object, with all that was said of it', async () => {
    const place = await openPlace()
    const facts = { ...factsOf('text/x'), metadata: { a: 'b' }, tags: { c: 'd' } }
    const upload = await place.uploads.begin(bucket, 'dir/key', { ...plainUpload, facts }, call)
    const sent = await send(place, bucket, upload, [
      [1, big],
      [2, other],
      [3, small],
    ])
    const version = await place.uploads.complete(bucket, upload, request(sent))
    const whole = Buffer.concat([big, other, small])
    await expectBytes(place, bucket, 'dir/key', [whole])
    expect(version).toMatchObject({ kind: 'object', key: 'dir/key', size: whole.length })
    expect(version.record).toEqual({
      ...facts,
      etag: etagOf([big, other, small]),
      checksum: {
        algorithm: 'CRC64NVME',
        type: 'FULL_OBJECT',
        value: checksumOf('CRC64NVME', whole),
      },
      parts: [MiB5, MiB5, 1000].map((size, index) => ({ number: index + 1, size })),
      restoration: undefined,
    })
    const { versions } = await look(place.context, bucket.name, 'dir/key', call)
    expect(versions.map((stored) => stored.version)).toEqual([version])
    expect(await leftovers(place)).toEqual([])
  })

  test('numbers with gaps, in any order, and parts that are left out', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    const sent = await send(place, bucket, upload, [
      [9, small],
      [4, big],
      [7, larger],
      [5, other],
      [8, big],
    ])
    const named = sent.filter(({ number }) => number !== 5)
    expect(named.map(({ number }) => number)).toEqual([4, 7, 8, 9])
    await place.uploads.complete(bucket, upload, request(named))
    await expectBytes(place, bucket, 'key', [big, larger, big, small])
    expect(await leftovers(place)).toEqual([])
  })

  test('a part that comes again counts, unless it is wrong', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    await send(place, bucket, upload, [
      [1, big],
      [2, small],
    ])
    const error = new S3Error('BadDigest')
    const wrong = place.uploads.part(bucket, upload, 1, wrongBody(other, error), call)
    await expect(wrong).rejects.toBe(error)
    const [again] = await send(place, bucket, upload, [[2, other]])
    const parts = await place.uploads.parts(upload, 0, 10)
    expect(parts.map(({ size }) => size)).toEqual([MiB5, MiB5])
    expect(parts[1]).toEqual(again)
    expect(await place.uploads.parts(upload, 1, 10)).toEqual([again])
    await place.uploads.complete(bucket, upload, request(parts))
    await expectBytes(place, bucket, 'key', [big, other])
    expect(await leftovers(place)).toEqual([])
  })

  test('an empty object', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    const sent = await send(place, bucket, upload, [[1, new Uint8Array()]])
    const { size } = await place.uploads.complete(bucket, upload, request(sent))
    expect(size).toBe(0)
    await expectBytes(place, bucket, 'key', [Buffer.alloc(0)])
  })

  test('checksums of each kind', async () => {
    const place = await openPlace()
    for (const [algorithm, type] of [
      ['CRC32', 'FULL_OBJECT'],
      ['CRC32C', 'COMPOSITE'],
      ['SHA256', 'COMPOSITE'],
    ] as const) {
      const upload = await place.uploads.begin(
        bucket,
        'key',
        { ...plainUpload, checksum: { algorithm, type } },
        call,
      )
      const parts = [big, small]
      const unnamed = place.uploads.part(bucket, upload, 1, body(big), call)
      await expect(unnamed).rejects.toMatchObject({ code: 'InvalidRequest' })
      const sent = []
      for (const [index, bytes] of parts.entries())
        sent.push(await place.uploads.part(bucket, upload, index + 1, body(bytes, algorithm), call))
      const values = parts.map((part) => ({
        size: part.length,
        value: checksumOf(algorithm, part),
      }))
      expect(sent.map(({ checksum }) => checksum)).toEqual(values.map(({ value }) => value))
      const checksum = objectChecksum(algorithm, type, values)
      const wrong = { ...checksum, value: checksumOf(algorithm, small) }
      const refused = place.uploads.complete(bucket, upload, request(sent, { checksum: wrong }))
      await expect(refused).rejects.toMatchObject({ code: 'BadDigest' })
      const { record } = await place.uploads.complete(bucket, upload, request(sent, { checksum }))
      expect(record.checksum).toEqual(checksum)
      expect(record.parts?.map((part) => part.checksum)).toEqual(values.map(({ value }) => value))
    }
  })

  test('what does not agree is refused, and changes nothing', async () => {
    const place = await openPlace()
    const checksum = { algorithm: 'SHA1', type: 'COMPOSITE' } as const
    const upload = await place.uploads.begin(bucket, 'key', { ...plainUpload, checksum }, call)
    const [one, two, three] = [
      await place.uploads.part(bucket, upload, 1, body(big, 'SHA1'), call),
      await place.uploads.part(bucket, upload, 2, body(small, 'SHA1'), call),
      await place.uploads.part(bucket, upload, 3, body(small, 'SHA1'), call),
    ]
    const good = request([one, two])
    const cases = [
      ['InvalidPartOrder', request([two, one])],
      ['InvalidPartOrder', request([one, one])],
      ['InvalidPart', request([one, { ...two, number: 4 }])],
      ['InvalidPart', request([one, { ...two, etag: one.etag }])],
      ['InvalidPart', request([one, { ...two, checksum: one.checksum }])],
      ['InvalidRequest', request([one, { ...two, checksum: undefined }])],
      ['EntityTooSmall', request([one, two, three])],
      ['InvalidRequest', request([one, two], { size: 5 })],
      ['PreconditionFailed', request([one, two], { conditions: { ifNoneMatch: ['*'] } })],
    ] as const
    await put(place.context, bucket, 'key', bodyOf('old'), factsOf('text/plain'), call)
    for (const [code, asked] of cases)
      await expect(place.uploads.complete(bucket, upload, asked)).rejects.toMatchObject({ code })
    await expectBytes(place, bucket, 'key', [Buffer.from('old')])
    await place.uploads.complete(bucket, upload, good)
    await expectBytes(place, bucket, 'key', [big, small])
    expect(await leftovers(place)).toEqual([])
  })

  test('a second completion has the answer of the first, one of other parts none', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    const sent = await send(place, bucket, upload, [
      [1, big],
      [2, small],
    ])
    const asked = request(sent, { conditions: { ifNoneMatch: ['*'] } })
    const [first, second] = await Promise.all([
      place.uploads.complete(bucket, upload, asked),
      place.uploads.complete(bucket, upload, asked),
    ])
    expect(second).toEqual(first)
    const later = await place.restart()
    const found = await later.uploads.find(bucket, 'key', upload.id)
    expect(found).toEqual(upload)
    expect(await later.uploads.complete(bucket, found, asked)).toEqual(first)
    const gone = { code: 'NoSuchUpload' }
    const others = later.uploads.complete(bucket, found, request(sent.slice(0, 1)))
    await expect(others).rejects.toMatchObject(gone)
    await expect(later.uploads.parts(found, 0, 10)).rejects.toMatchObject(gone)
    await expect(later.uploads.abort(bucket, found, call)).rejects.toMatchObject(gone)
    await expect(later.uploads.part(bucket, found, 3, body(small), call)).rejects.toMatchObject(
      gone,
    )
  })

  test('an aborted upload leaves nothing, nor does a part that arrives meanwhile', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    await send(place, bucket, upload, [
      [1, big],
      [1, other],
      [2, small],
    ])
    const slow = [slowBody(big), slowBody(small)] as const
    const sending = [
      place.uploads.part(bucket, upload, 2, slow[0].body, call),
      place.uploads.part(bucket, upload, 3, slow[1].body, call),
    ]
    const refused = Promise.all(
      sending.map((part) => expect(part).rejects.toMatchObject({ code: 'NoSuchUpload' })),
    )
    await Promise.all(slow.map(({ begun }) => begun))
    await place.uploads.abort(bucket, upload, call)
    for (const { goOn } of slow) goOn()
    await refused
    expect(await leftovers(place)).toEqual([])
    await expect(place.uploads.find(bucket, 'key', upload.id)).rejects.toMatchObject({
      code: 'NoSuchUpload',
    })
  })

  test('a part that is still on its way does not touch the object', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    const sent = await send(place, bucket, upload, [
      [1, big],
      [2, small],
    ])
    const slow = slowBody(other)
    const sending = place.uploads.part(bucket, upload, 3, slow.body, call)
    const refused = expect(sending).rejects.toMatchObject({ code: 'NoSuchUpload' })
    await slow.begun
    await place.uploads.complete(bucket, upload, request(sent))
    slow.goOn()
    await refused
    await expectBytes(place, bucket, 'key', [big, small])
    expect(await leftovers(place)).toEqual([])
  })

  test('parts are copied from objects', async () => {
    const place = await openPlace()
    await put(place.context, bucket, 'from', body(larger), factsOf('text/plain'), call)
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    const whole = await open(place.context, bucket, 'from', undefined, call)
    const range = { start: 10, end: 500_000 }
    const piece = await open(place.context, bucket, 'from', undefined, {
      ...call,
      select: () => range,
    })
    const sent = [
      await place.uploads.copyPart(bucket, upload, 1, whole, call),
      await place.uploads.copyPart(bucket, upload, 2, piece, call),
    ]
    await place.uploads.complete(bucket, upload, request(sent))
    const expected = Buffer.concat([larger, larger.subarray(10, 500_000)])
    await expectBytes(place, bucket, 'key', [expected])
  })

  test('in a bucket with versions, the version before stays', async () => {
    const place = await openPlace()
    const versioned = bucketOf('enabled')
    const before = await put(
      place.context,
      versioned,
      'key',
      bodyOf('old'),
      factsOf('text/plain'),
      call,
    )
    const upload = await place.uploads.begin(versioned, 'key', plainUpload, call)
    const sent = await send(place, versioned, upload, [[1, small]])
    const version = await place.uploads.complete(versioned, upload, request(sent))
    expect(version.version).not.toBe(before.version)
    await expectBytes(place, versioned, 'key', [small])
    await expectBytes(place, versioned, 'key', [Buffer.from('old')], before.version)
  })

  test('keys that cannot be names of the store', async () => {
    const place = await openPlace()
    await put(place.context, bucket, 'a/b', bodyOf('b'), factsOf('text/plain'), call)
    for (const key of ['a', 'a/', 'x//y', '../z', `long/${'n'.repeat(1019)}`]) {
      const upload = await place.uploads.begin(bucket, key, plainUpload, call)
      const sent = await send(place, bucket, upload, [[1, small]])
      const version = await place.uploads.complete(bucket, upload, request(sent))
      await expectBytes(place, bucket, key, [small])
      expect(await place.uploads.complete(bucket, upload, request(sent))).toEqual(version)
    }
    await expectBytes(place, bucket, 'a/b', [Buffer.from('b')])
  })

  test('an upload goes on after a restart', async () => {
    const place = await openPlace()
    const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
    await send(place, bucket, upload, [
      [2, other],
      [3, small],
    ])
    const later = await place.restart()
    const found = await later.uploads.find(bucket, 'key', upload.id)
    await send(later, bucket, found, [[1, big]])
    const sent = await later.uploads.parts(found, 0, 10)
    await later.uploads.complete(bucket, found, request(sent))
    await expectBytes(later, bucket, 'key', [big, other, small])
    expect(await leftovers(later)).toEqual([])
  })

  test('uploads are known by bucket, key and id', async () => {
    const { uploads } = await openPlace()
    const { id } = await uploads.begin(bucket, 'key', plainUpload, call)
    const gone = { code: 'NoSuchUpload' }
    await expect(uploads.find(bucket, 'other', id)).rejects.toMatchObject(gone)
    await expect(uploads.find(bucketOf('off', 'b'), 'key', id)).rejects.toMatchObject(gone)
    await expect(uploads.find(bucket, 'key', 'x')).rejects.toMatchObject(gone)
  })
})

test('the object is a plain file of its name', async () => {
  const place = await onDisk()
  const upload = await place.uploads.begin(bucket, 'dir/key', plainUpload, call)
  const sent = await send(place, bucket, upload, [
    [1, big],
    [2, small],
  ])
  await place.uploads.complete(bucket, upload, request(sent))
  const file = await readFile(join(place.directory, 'bucket/dir/key'))
  expect(file.equals(Buffer.concat([big, small]))).toBe(true)
})

test('a completion that fails at its very end loses no part', async () => {
  const place = await onDisk()
  const upload = await place.uploads.begin(bucket, 'key', plainUpload, call)
  const unused = randomBytes(20)
  await send(place, bucket, upload, [
    [1, big],
    [3, small],
    [4, unused],
  ])
  const parts = await place.uploads.parts(upload, 0, 10)
  const inTheWay = join(place.directory, '.hawser/s3/uploads', upload.id)
  await mkdir(inTheWay)
  const named = request(parts.filter(({ number }) => number < 4))
  await expect(place.uploads.complete(bucket, upload, named)).rejects.toThrow()
  await rmdir(inTheWay)
  // Of other parts than those that were named before.
  const others = request(parts.filter(({ number }) => number !== 3))
  await place.uploads.complete(bucket, upload, others)
  await expectBytes(place, bucket, 'key', [big, unused])
})
