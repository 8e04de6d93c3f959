import { describe, expect, test } from 'vitest'
import {
  checkCopySource,
  checkRead,
  failedCondition,
  parseEtags,
  parseHttpDate,
  readConditions,
  writeConditions,
  type FailedCondition,
} from '../../../src/serve/operations/conditions.ts'
import type { ObjectVersion } from '../../../src/serve/vault/types.ts'
import { refused, refusedCode } from './refused.ts'

const modified = Date.UTC(2024, 4, 6, 7, 8, 9, 500)
const before = 'Mon, 06 May 2024 07:08:08 GMT'
const same = 'Mon, 06 May 2024 07:08:09 GMT'
const behind = 'Mon, 06 May 2024 07:08:10 GMT'

const object: ObjectVersion = {
  kind: 'object',
  key: 'a',
  version: 'null',
  latest: true,
  modified,
  size: 1,
  record: {
    contentType: undefined,
    headers: {},
    metadata: {},
    tags: {},
    storageClass: 'STANDARD',
    etag: 'abc',
    checksum: undefined,
    parts: undefined,
    restoration: undefined,
  },
}

function failed(headers: Record<string, string>): FailedCondition | undefined {
  const conditions = readConditions(headers)
  if (!conditions) throw new Error('no conditions')
  return failedCondition(conditions, 'abc', modified)
}

describe('of a read', () => {
  test('there are none without a header', () => {
    expect(readConditions({ range: 'bytes=0-1' })).toBeUndefined()
  })

  test.each<[Record<string, string>, FailedCondition | undefined]>([
    [{ 'if-match': '"abc"' }, undefined],
    [{ 'if-match': 'abc' }, undefined],
    [{ 'if-match': '*' }, undefined],
    [{ 'if-match': '"x", "abc"' }, undefined],
    [{ 'if-match': '"x"' }, 'If-Match'],
    [{ 'if-match': 'W/"abc"' }, 'If-Match'],
    [{ 'if-none-match': '"x"' }, undefined],
    [{ 'if-none-match': '"abc"' }, 'If-None-Match'],
    [{ 'if-none-match': 'W/"abc"' }, 'If-None-Match'],
    [{ 'if-none-match': '*' }, 'If-None-Match'],
    [{ 'if-unmodified-since': before }, 'If-Unmodified-Since'],
    [{ 'if-unmodified-since': same }, undefined],
    [{ 'if-unmodified-since': behind }, undefined],
    [{ 'if-modified-since': before }, undefined],
    [{ 'if-modified-since': same }, 'If-Modified-Since'],
    [{ 'if-modified-since': behind }, 'If-Modified-Since'],
    [{ 'if-modified-since': 'yesterday' }, undefined],
  ])('%j', (headers, outcome) => {
    expect(failed(headers)).toBe(outcome)
  })

  test('an etag beats the date of the same sense', () => {
    expect(failed({ 'if-match': '"abc"', 'if-unmodified-since': before })).toBeUndefined()
    expect(failed({ 'if-none-match': '"x"', 'if-modified-since': behind })).toBeUndefined()
    expect(failed({ 'if-none-match': '"abc"', 'if-modified-since': before })).toBe('If-None-Match')
  })

  test('412 comes before 304, and names what failed', () => {
    const conditions = readConditions({ 'if-match': '"x"', 'if-none-match': '"abc"' })
    if (!conditions) throw new Error('no conditions')
    const error = refused(() => {
      checkRead(conditions, object, () => ({}))
    })
    expect(error).toMatchObject({ status: 412, extra: { Condition: 'If-Match' } })
  })

  test('304 carries the headers that it is given', () => {
    const conditions = readConditions({ 'if-modified-since': same })
    if (!conditions) throw new Error('no conditions')
    const error = refused(() => {
      checkRead(conditions, object, () => ({ etag: '"abc"' }))
    })
    expect(error).toMatchObject({ status: 304, headers: { etag: '"abc"' } })
  })
})

test.each(['if-none-match', 'if-modified-since'])(
  'of the source of a copy, %s is refused with 412',
  (name) => {
    const value = name === 'if-none-match' ? '"abc"' : same
    const conditions = readConditions(
      { [`x-amz-copy-source-${name}`]: value, 'if-match': '"x"' },
      'x-amz-copy-source-',
    )
    if (!conditions) throw new Error('no conditions')
    expect(
      refusedCode(() => {
        checkCopySource(conditions, object)
      }),
    ).toBe('PreconditionFailed')
  },
)

describe('of a write', () => {
  test('are an etag, or that nothing is there', () => {
    expect(writeConditions({})).toEqual({})
    expect(writeConditions({ 'if-match': '"abc"' })).toEqual({ ifMatch: ['abc'] })
    expect(writeConditions({ 'if-none-match': '*' })).toEqual({ ifNoneMatch: ['*'] })
  })

  test('If-None-Match with an etag is not implemented', () => {
    expect(refusedCode(() => writeConditions({ 'if-none-match': '"abc"' }))).toBe('NotImplemented')
  })
})

test.each([
  ['"a,b", c', ['a,b', 'c']],
  ['*', ['*']],
  ['"*"', ['"*"']],
  ['W/"a"', ['W/"a"']],
  ['', []],
])('etags of %s', (text, etags) => {
  expect(parseEtags(text)).toEqual(etags)
})

test.each([
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  '1994-11-06T08:49:37Z',
])('the date %s', (text) => {
  expect(parseHttpDate(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
})
