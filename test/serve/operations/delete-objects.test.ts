import { expect, test } from 'vitest'
import { parseDelete } from '../../../src/serve/operations/delete-objects.ts'
import { parseXml } from '../../../src/wire/xml.ts'
import { refusedCode } from './refused.ts'

const parse = (inside: string): ReturnType<typeof parseDelete> =>
  parseDelete(parseXml(`<Delete>${inside}</Delete>`))

test('a list of objects', () => {
  const xml =
    '<Quiet>true</Quiet><Object><Key>a&#x1;</Key></Object>' +
    '<Object><Key>b</Key><VersionId>v</VersionId><ETag>"e"</ETag></Object>'
  expect(parse(xml)).toEqual({
    quiet: true,
    objects: [
      { key: 'a\u0001', version: undefined, conditions: { ifMatch: undefined } },
      { key: 'b', version: 'v', conditions: { ifMatch: ['e'] } },
    ],
  })
})

test('a thousand objects are taken, one more is not', () => {
  const object = '<Object><Key>a</Key></Object>'
  expect(parse(object.repeat(1000)).objects).toHaveLength(1000)
  expect(refusedCode(() => parse(object.repeat(1001)))).toBe('MalformedXML')
})

test.each([
  ['', 'MalformedXML'],
  ['<Object><Key/></Object>', 'MalformedXML'],
  ['<Quiet>maybe</Quiet><Object><Key>a</Key></Object>', 'MalformedXML'],
  ['<Object><Key>a</Key><Size>1</Size></Object>', 'NotImplemented'],
])('%s is refused', (inside, code) => {
  expect(refusedCode(() => parse(inside))).toBe(code)
})
