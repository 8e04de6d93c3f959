import { expect, test } from 'vitest'
import { parseComplete } from '../../../../src/serve/operations/multipart/complete.ts'
import { parseXml } from '../../../../src/wire/xml.ts'
import { refusedCode } from '../refused.ts'

type Kind = Parameters<typeof parseComplete>[1]['checksum']
const composite: Kind = { algorithm: 'CRC32', type: 'COMPOSITE' }

function parse(inside: string, checksum?: Kind): ReturnType<typeof parseComplete> {
  const root = parseXml(`<CompleteMultipartUpload>${inside}</CompleteMultipartUpload>`)
  return parseComplete(root, { checksum })
}

const part = (number: number, more = ''): string =>
  `<Part><PartNumber>${number}</PartNumber><ETag>"e"</ETag>${more}</Part>`

test('a list of parts', () => {
  expect(parse(part(2) + part(7))).toEqual([
    { number: 2, etag: 'e', checksum: undefined },
    { number: 7, etag: 'e', checksum: undefined },
  ])
  expect(parse(part(1, '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'), composite)).toEqual([
    { number: 1, etag: 'e', checksum: 'AAAAAA==' },
  ])
})

test('10,000 parts are taken', () => {
  const parts = Array.from({ length: 10_000 }, (_, index) => part(index + 1))
  expect(parse(parts.join(''))).toHaveLength(10_000)
  expect(refusedCode(() => parse([...parts, part(10_001)].join('')))).toBe('MalformedXML')
})

test.each([
  ['', 'MalformedXML'],
  ['<Part><PartNumber>x</PartNumber><ETag>e</ETag></Part>', 'MalformedXML'],
  ['<Part><PartNumber>1</PartNumber><ETag/></Part>', 'MalformedXML'],
  [part(0), 'InvalidArgument'],
  [part(10_001), 'InvalidArgument'],
  [part(2) + part(1), 'InvalidPartOrder'],
  [part(1) + part(1), 'InvalidPartOrder'],
])('%s is refused', (inside, code) => {
  expect(refusedCode(() => parse(inside))).toBe(code)
})

test('the parts of a composite checksum are consecutive, and of its algorithm', () => {
  expect(refusedCode(() => parse(part(1) + part(3), composite))).toBe('InvalidPartOrder')
  const other = part(1, '<ChecksumSHA1>AA==</ChecksumSHA1>')
  expect(refusedCode(() => parse(other, composite))).toBe('InvalidPart')
})
