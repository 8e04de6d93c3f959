import { describe, expect, test } from 'vitest'
import {
  MAX_OBJECT_TAGS,
  parseTagHeader,
  parseTagging,
  taggingXml,
} from '../../../src/serve/operations/tags.ts'
import { parseXml } from '../../../src/wire/xml.ts'
import { refusedCode } from './refused.ts'

const many = (count: number): string =>
  Array.from({ length: count }, (_, index) => `k${index}=v`).join('&')

describe('in a header', () => {
  test('are a query', () => {
    expect(parseTagHeader('a=1&b=x+y%2Bz&%C3%A9')).toEqual({ a: '1', b: 'x y+z', é: '' })
    expect(parseTagHeader('')).toEqual({})
    expect(Object.keys(parseTagHeader(many(10)))).toHaveLength(10)
  })

  test.each([
    ['a=1&a=2', 'InvalidArgument'],
    ['a=%C3', 'InvalidArgument'],
    [many(11), 'BadRequest'],
    ['=v', 'InvalidTag'],
    ['aws:x=v', 'InvalidTag'],
    ['a=%3C', 'InvalidTag'],
    [`${'k'.repeat(129)}=v`, 'InvalidTag'],
    [`k=${'v'.repeat(257)}`, 'InvalidTag'],
  ])('%.20s is refused', (header, code) => {
    expect(refusedCode(() => parseTagHeader(header))).toBe(code)
  })
})

describe('in XML', () => {
  test('come back as they were', () => {
    const tags = { a: '1', 'b c': '', 'x/y': 'é' }
    expect(parseTagging(parseXml(taggingXml(tags)), MAX_OBJECT_TAGS)).toEqual(tags)
    expect(parseTagging(parseXml(taggingXml({})), MAX_OBJECT_TAGS)).toEqual({})
  })

  test('twice the same name is refused', () => {
    const tag = '<Tag><Key>a</Key><Value>1</Value></Tag>'
    const twice = parseXml(`<Tagging><TagSet>${tag}${tag}</TagSet></Tagging>`)
    expect(refusedCode(() => parseTagging(twice, MAX_OBJECT_TAGS))).toBe('InvalidTag')
  })

  test.each(['<Tagging/>', '<Tags><TagSet/></Tags>', '<Tagging><TagSet><X/></TagSet></Tagging>'])(
    '%s is malformed',
    (xml) => {
      expect(refusedCode(() => parseTagging(parseXml(xml), MAX_OBJECT_TAGS))).toBe('MalformedXML')
    },
  )
})
