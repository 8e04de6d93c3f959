import { expect, test } from 'vitest'
import { md5FromEtag } from '../../src/core/digest.ts'
import { isSameEtag } from '../../src/core/etag.ts'

const md5 = '5d41402abc4b2a76b9719d911017c592'

test('quotes, however many, are no part of an ETag', () => {
  for (const etag of [md5, `"${md5}"`, `""${md5}""`]) {
    expect(isSameEtag(etag, `"${md5}"`)).toBe(true)
    expect(md5FromEtag(etag)).toBe(md5)
  }
  expect(isSameEtag(`"${md5}-1"`, `"${md5}"`)).toBe(false)
  expect(isSameEtag(`W/"${md5}"`, `"${md5}"`)).toBe(false)
})

test('what has none is like nothing', () => {
  expect(isSameEtag(undefined, undefined)).toBe(false)
  expect(isSameEtag(undefined, '""')).toBe(false)
})
