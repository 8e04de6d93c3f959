import { describe, expect, test } from 'vitest'
import { expiryOf, parseRestore } from '../../../src/serve/operations/restore.ts'
import {
  checkReadable,
  restoreHeader,
  restoreState,
} from '../../../src/serve/operations/storage-class.ts'
import type { ObjectRecord } from '../../../src/serve/vault/types.ts'
import { parseXml } from '../../../src/wire/xml.ts'
import { served, type Sent } from '../client.ts'
import { refused, refusedCode } from './refused.ts'

function record(
  storageClass: string,
  restoration?: { ready: number; expires: number },
): ObjectRecord {
  return {
    contentType: undefined,
    headers: {},
    metadata: {},
    tags: {},
    storageClass,
    etag: 'e',
    checksum: undefined,
    parts: undefined,
    restoration,
  }
}

test('an archived object can be read while it is restored', () => {
  const archived = record('GLACIER', { ready: 1000, expires: 2000 })
  expect(restoreState(archived, 999)).toBe('ongoing')
  expect(restoreHeader(archived, 999)).toBe('ongoing-request="true"')
  expect(restoreState(archived, 1000)).toBe('restored')
  expect(restoreHeader(archived, 1999)).toBe(
    'ongoing-request="false", expiry-date="Thu, 01 Jan 1970 00:00:02 GMT"',
  )
  expect(restoreState(archived, 2000)).toBe('none')
  expect(restoreHeader(archived, 2000)).toBeUndefined()
  checkReadable(archived, 1000)
  for (const now of [999, 2000])
    expect(
      refused(() => {
        checkReadable(archived, now)
      }),
    ).toMatchObject({ code: 'InvalidObjectState', extra: { StorageClass: 'GLACIER' } })
})

test.each(['STANDARD', 'GLACIER_IR', 'STANDARD_IA'])('%s can be read at once', (storageClass) => {
  expect(() => {
    checkReadable(record(storageClass), 0)
  }).not.toThrow()
})

test('an expiry is at midnight', () => {
  const midnight = Date.UTC(2024, 0, 2)
  expect(expiryOf(midnight, 1)).toBe(Date.UTC(2024, 0, 3))
  expect(expiryOf(midnight + 1, 1)).toBe(Date.UTC(2024, 0, 4))
  expect(new Date(expiryOf(midnight, 2 ** 31 - 1)).getTime()).not.toBeNaN()
})

const restore = (inside: string): ReturnType<typeof parseXml> =>
  parseXml(`<RestoreRequest>${inside}</RestoreRequest>`)

test('a request', () => {
  expect(parseRestore(restore('<Days>3</Days>'))).toEqual({ days: 3, tier: 'Standard' })
  const job = '<GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>'
  expect(parseRestore(restore(`<Days>3</Days>${job}`))).toEqual({ days: 3, tier: 'Bulk' })
  expect(parseRestore(restore('<Days>1</Days><Tier>Expedited</Tier>'))).toEqual({
    days: 1,
    tier: 'Expedited',
  })
})

test.each([
  ['', 'MalformedXML'],
  ['<Days>x</Days>', 'MalformedXML'],
  ['<Days>0</Days>', 'InvalidArgument'],
  ['<Days>1</Days><Tier>Fast</Tier>', 'MalformedXML'],
  ['<Type>SELECT</Type>', 'NotImplemented'],
  ['<Days>1</Days><OutputLocation/>', 'NotImplemented'],
])('%s is refused', (inside, code) => {
  expect(refusedCode(() => parseRestore(restore(inside)))).toBe(code)
})

const request = (inside: string): Sent => ({
  query: { restore: '' },
  body: `<RestoreRequest>${inside}</RestoreRequest>`,
})

const inTier = (tier: string): Sent => request(`<Days>1</Days><Tier>${tier}</Tier>`)

const expiry = (date: string): string =>
  `ongoing-request="false", expiry-date="${date} 00:00:00 GMT"`

describe('over HTTP', () => {
  let now = Date.UTC(2024, 0, 1, 12)
  const hour = 3_600_000
  const s3 = served({ clock: () => now, restoreDelay: { Expedited: hour / 60, Standard: hour } })

  test('a restoration that is under way may be made faster, and not slower', async () => {
    const name = `${await s3.bucket()}/a`
    await s3.put(name, 'frozen', { 'x-amz-storage-class': 'GLACIER' })
    expect((await s3.done('POST', name, inTier('Standard'))).status).toBe(202)
    expect((await s3.done('POST', name, inTier('Expedited'))).status).toBe(202)
    for (const tier of ['Expedited', 'Standard'])
      expect(await s3.refused('POST', name, inTier(tier))).toMatchObject({ status: 409 })
    expect(await s3.refused('GET', name)).toMatchObject({ code: 'InvalidObjectState' })
    now += hour / 60
    expect((await s3.done('GET', name)).text).toBe('frozen')
    now -= hour / 60
  })

  test('an object comes out of the archive, and goes back', async () => {
    const name = `${await s3.bucket()}/a`
    await s3.put(name, 'frozen', { 'x-amz-storage-class': 'DEEP_ARCHIVE' })
    const refusal = await s3.refused('GET', name)
    expect([refusal.status, refusal.code]).toEqual([403, 'InvalidObjectState'])
    expect(refusal.reply.get('StorageClass')).toBe('DEEP_ARCHIVE')
    const restoring = async (): Promise<string | undefined> => {
      const reply = await s3.done('HEAD', name)
      expect(reply.header('x-amz-storage-class')).toBe('DEEP_ARCHIVE')
      return reply.header('x-amz-restore')
    }
    expect(await restoring()).toBeUndefined()
    expect(
      await s3.refused('POST', name, request('<Days>1</Days><Tier>Expedited</Tier>')),
    ).toMatchObject({
      code: 'InvalidArgument',
    })

    expect((await s3.done('POST', name, request('<Days>1</Days>'))).status).toBe(202)
    expect(await restoring()).toBe('ongoing-request="true"')
    expect(await s3.refused('GET', name)).toMatchObject({ code: 'InvalidObjectState' })
    expect(await s3.refused('POST', name, request('<Days>1</Days>'))).toMatchObject({
      status: 409,
      code: 'RestoreAlreadyInProgress',
    })

    now += hour
    expect((await s3.done('GET', name)).text).toBe('frozen')
    expect(await restoring()).toBe(expiry('Wed, 03 Jan 2024'))
    expect((await s3.done('POST', name, request('<Days>3</Days>'))).status).toBe(200)
    expect(await restoring()).toBe(expiry('Fri, 05 Jan 2024'))
    const list = await s3.done('GET', name.slice(0, -2), {
      query: { 'list-type': '2' },
      headers: { 'x-amz-optional-object-attributes': 'RestoreStatus' },
    })
    expect(list.text).toContain(
      '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2024-01-05T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>',
    )

    now = Date.UTC(2024, 0, 5)
    expect(await restoring()).toBeUndefined()
    expect(await s3.refused('GET', name)).toMatchObject({ status: 403 })
  })

  test('what is in no archive is refused', async () => {
    const name = `${await s3.bucket()}/a`
    await s3.put(name, 'warm')
    expect(await s3.refused('POST', name, request('<Days>1</Days>'))).toMatchObject({
      status: 403,
      code: 'InvalidObjectState',
    })
  })
})
