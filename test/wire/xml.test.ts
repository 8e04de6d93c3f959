import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bareXmlDocument,
  escapeXml,
  hasXmlCharacters,
  isXmlText,
  MalformedXml,
  maxXmlLength,
  needNumber,
  needText,
  parseXml,
  textOf,
  xmlDocument,
  xmlElement,
  xmlText,
  type XmlElement,
} from '../../src/wire/xml.ts'

const leaf = (name: string, text = ''): XmlElement => ({ name, text, children: [] })

test('elements, text, entities, CDATA and comments are read', () => {
  const root = parseXml(
    '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n  <!-- a listing -->\n' +
      '<s3:Result xmlns:s3="http://example.com/a>b" a = \'1\'>' +
      '<Key>a&amp;b&lt;&gt;&quot;&apos;&#233;&#x1F600;&#13;</Key>' +
      '<Key>one<!-- - -->two<![CDATA[<&>]]></Key><Empty/><Empty a="/"></Empty ></s3:Result>\n',
  )
  expect(root.name).toBe('Result')
  expect(root.children).toEqual([
    leaf('Key', 'a&b<>"\'\u00e9\u{1f600}\r'),
    leaf('Key', 'onetwo<&>'),
    leaf('Empty'),
    leaf('Empty'),
  ])
})

test('white space ahead of a slow answer, and line ends, are as XML has them', () => {
  expect(parseXml('  \n\n<a>1\r\n2\r3</a> ')).toEqual(leaf('a', '1\n2\n3'))
})

test('characters that XML has not are read as they stand', () => {
  expect(parseXml('<a>\u0001\ufffe&amp;<![CDATA[\uffff]]></a>')).toEqual(
    leaf('a', '\u0001\ufffe&\uffff'),
  )
  for (const text of ['\0', '\u0001', '\u001f', '\ufffe', '\uffff'])
    expect(hasXmlCharacters(`<a>${text}</a>`)).toBe(false)
  expect(hasXmlCharacters('<a>\t\r\n \u007f\u0085\ufffd\u{10ffff}</a>')).toBe(true)
})

describe('what is not well-formed is refused:', () => {
  test.each([
    '',
    '   ',
    'text',
    '<a>',
    '<a><b></a></b>',
    '</a>',
    '<a></a><b></b>',
    '<a/>text',
    '<a',
    '<a b="1',
    '<a b=1/>',
    '<a b="<"/>',
    '< a></a>',
    '<1/>',
    '<a></a',
    '<a>&unknown;</a>',
    '<a>&amp</a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    '<a><!-- a -- b --></a>',
    '<a><!-- </a>',
    '<a><![CDATA[ </a>',
    '<![CDATA[a]]><a/>',
    '<?xml <a/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`,
    `<a>${' '.repeat(maxXmlLength)}</a>`,
    `<a>${'<b/>'.repeat(200_000)}</a>`,
    `<a ${'b="c" '.repeat(1_000_000)}/>`,
  ])('%.40s', (text) => {
    expect(() => parseXml(text)).toThrow(MalformedXml)
  })
})

test('any text is read or refused, and nothing else', () => {
  const pieces = ['<', '>', '/', 'a', '<a>', '</a>', '<b/>', '&', ';', '&#', '<!', '--', '<?', '?>']
  const more = ['<![CDATA[', ']]>', '"', "'", '=', ' ', '\n', '\u0000', '\ud800', '&lt;', '&#x41;']
  const soup = fc.array(fc.constantFrom(...pieces, ...more)).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.oneof(
        soup,
        soup.map((text) => `<a>${text}</a>`),
        fc.string(),
      ),
      (text) => {
        try {
          parseXml(text)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedXml)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('what is written is read back', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,9}$/)
  const text = fc.string({ unit: 'binary' }).filter(isXmlText)
  const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ name, text, children: fc.constant([]) }),
      fc.record({ name, text, children: fc.array(tie('tree'), { maxLength: 4 }) }),
    ),
  }))
  const write = (element: XmlElement): string =>
    `<${element.name}>${escapeXml(element.text)}${element.children.map(write).join('')}</${element.name}>`
  fc.assert(
    fc.property(tree, (element) => {
      expect(parseXml(write(element))).toEqual(element)
    }),
  )
})

test('what must be there is asked for', () => {
  const root = parseXml('<a><n>12</n><m>1.5</m></a>')
  expect(textOf(root, 'none')).toBeUndefined()
  expect(needNumber(root, 'n')).toBe(12)
  expect(() => needText(root, 'none')).toThrow(MalformedXml)
  expect(() => needNumber(root, 'm')).toThrow(MalformedXml)
})

test('a document is written as S3 does, keys that XML cannot carry by number', () => {
  const text = xmlDocument(
    'Result',
    xmlElement('Contents', xmlText('Key', 'a<\u0001\r\n\ufffe\'"'), xmlText('Size', 12)),
    xmlText('None', undefined),
    xmlElement('Empty'),
  )
  expect(text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<Contents><Key>a&lt;&#x1;&#xd;&#xa;&#xfffe;&#x27;&quot;</Key><Size>12</Size></Contents>' +
      '<Empty/></Result>',
  )
  expect(bareXmlDocument('Error', xmlText('Code', 'NoSuchKey'))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>',
  )
})

test('any text but NUL comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const kept = text.replaceAll('\0', '')
      expect(textOf(parseXml(xmlDocument('a', xmlText('b', kept))), 'b')).toBe(kept)
    }),
  )
})
