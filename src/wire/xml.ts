// S3's XML: a strict reader, and a writer.
//
// The reader takes what S3 and its kin write: elements, text, entities, CDATA, comments, a declaration. It refuses
// document types (and with them every way to make a small document large), and whatever is not well-formed. Characters
// that XML has not are read as they stand, since services write them so: who is to refuse them asks `hasXmlCharacters`.

export interface XmlElement {
  /** As written, without a namespace prefix. */
  readonly name: string
  /** The text directly inside, joined. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** The answer is not what it should be: not well-formed, or without what it must have. */
export class MalformedXml extends Error {}

const maxDepth = 32
/** A completion of 10,000 parts has 80,000 at most. */
const maxElements = 200_000
/** Of a tag, with its attributes. */
const maxTagLength = 64 * 1024
/** A listing of 1,000 keys of 1,024 bytes, each percent-encoded, stays well below. */
export const maxXmlLength: number = 16 * 1024 * 1024

interface OpenElement {
  readonly qualified: string
  readonly name: string
  text: string
  readonly children: XmlElement[]
}

const none: readonly XmlElement[] = []

/** The root element. @throws MalformedXml */
export function parseXml(text: string): XmlElement {
  if (text.length > maxXmlLength) throw new MalformedXml('too large')
  const stack: OpenElement[] = []
  let current: OpenElement | undefined
  let root: XmlElement | undefined
  let elements = 0
  // S3 sends white space ahead of an answer that takes long, and some servers send a byte order mark.
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  for (;;) {
    const tag = text.indexOf('<', at)
    const end = tag === -1 ? text.length : tag
    if (end > at) {
      if (current) current.text += characters(text, at, end)
      else if (!isBlank(text, at, end)) throw new MalformedXml('text outside of the root element')
    }
    if (tag === -1) break
    const next = text.charCodeAt(tag + 1)
    if (next === 0x2f /* / */) {
      const close = find(text, '>', tag + 2)
      const name = text.slice(tag + 2, close).trimEnd()
      if (current?.qualified !== name) throw new MalformedXml(`</${name}> closes nothing`)
      const element = { name: current.name, text: current.text, children: current.children }
      stack.pop()
      current = stack.at(-1)
      if (current) current.children.push(element)
      else root = element
      at = close + 1
    } else if (next === 0x21 /* ! */) {
      if (text.startsWith('<!--', tag)) {
        const close = find(text, '--', tag + 4)
        if (text[close + 2] !== '>') throw new MalformedXml('-- inside of a comment')
        at = close + 3
      } else if (current && text.startsWith('<![CDATA[', tag)) {
        const close = find(text, ']]>', tag + 9)
        current.text += plain(text.slice(tag + 9, close))
        at = close + 3
      } else throw new MalformedXml('a document type, or CDATA out of place')
    } else if (next === 0x3f /* ? */) {
      at = find(text, '?>', tag + 2) + 2
    } else {
      if (root) throw new MalformedXml('a second root element')
      if (++elements > maxElements) throw new MalformedXml('too many elements')
      const close = endOfTag(text, tag + 1)
      if (close - tag > maxTagLength) throw new MalformedXml('a tag that is too long')
      const empty = text.charCodeAt(close - 1) === 0x2f
      const qualified = startTag(text.slice(tag + 1, empty ? close - 1 : close))
      const name = qualified.slice(qualified.indexOf(':') + 1)
      if (empty) {
        const element = { name, text: '', children: none }
        if (current) current.children.push(element)
        else root = element
      } else {
        if (stack.length >= maxDepth) throw new MalformedXml('nested too deep')
        current = { qualified, name, text: '', children: [] }
        stack.push(current)
      }
      at = close + 1
    }
  }
  if (current || !root)
    throw new MalformedXml(current ? `<${current.name}> is not closed` : 'empty')
  return root
}

function find(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  if (at === -1) throw new MalformedXml(`ends within a tag`)
  return at
}

/** The `>` that ends the tag: one inside of an attribute's value does not. */
function endOfTag(text: string, from: number): number {
  const close = find(text, '>', from)
  for (let at = from; at < close; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22 || unit === 0x27) return endOfTagWithAttributes(text, from)
    if (unit === 0x3c) throw new MalformedXml('< inside of a tag')
  }
  return close
}

function endOfTagWithAttributes(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '>') return at
    if (character === '<') break
    if (character === '"' || character === "'") at = find(text, character, at + 1)
  }
  throw new MalformedXml('ends within a tag')
}

const nameOnly = /^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/
const nameAndAttributes =
  /^([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*$/

/** The name of an element from the inside of its tag; attributes are checked and dropped: S3 says nothing in them. */
function startTag(inside: string): string {
  if (nameOnly.test(inside)) return inside
  const name = nameAndAttributes.exec(inside)?.[1]
  if (name === undefined) throw new MalformedXml('a tag that is none')
  return name
}

/** White space as XML has it, also where an entity or control character is not. */
function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false
  }
  return true
}

function characters(text: string, from: number, to: number): string {
  const raw = text.slice(from, to)
  if (!raw.includes('&')) return plain(raw)
  let out = ''
  let at = 0
  for (;;) {
    const start = raw.indexOf('&', at)
    if (start === -1) return out + plain(raw.slice(at))
    const end = raw.indexOf(';', start)
    if (end === -1) throw new MalformedXml('an entity without an end')
    out += plain(raw.slice(at, start)) + entity(raw.slice(start + 1, end))
    at = end + 1
  }
}

/** Whether all of a document's characters are such as XML has (1.0, section 2.2). */
export function hasXmlCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what it is about
  return !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)
}

/** Characters as they stand; line ends become `\n` (XML 1.0, section 2.11). */
function plain(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/**
 * The character of an entity's name or number. Control characters are taken when numbered: XML 1.0 forbids them, yet
 * servers write keys that have them so.
 */
function entity(name: string): string {
  const known = entities.get(name)
  if (known !== undefined) return known
  const match = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
  const code = match ? Number.parseInt(match[1] ?? match[2] ?? '', match[1] ? 16 : 10) : 0
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    throw new MalformedXml('an unknown entity')
  return String.fromCodePoint(code)
}

/** The first child of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  for (const one of element.children) if (one.name === name) return one
  return undefined
}

/** The text of the first child of that name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text
}

/** As textOf. @throws MalformedXml where there is none */
export function needText(element: XmlElement, name: string): string {
  const text = textOf(element, name)
  if (text === undefined) throw new MalformedXml(`<${element.name}> without <${name}>`)
  return text
}

/** A whole number. @throws MalformedXml */
export function needNumber(element: XmlElement, name: string): number {
  const text = needText(element, name)
  const value = Number(text)
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value))
    throw new MalformedXml(`<${name}> is not a number`)
  return value
}

/** Whether XML 1.0 can carry the text so that every reader gets it back: not where it has control characters. */
export function isXmlText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- see above; line ends and tabs are left out because readers change them
  return !/[\0-\x1f\x7f-\x9f\u2028\ufffe\uffff]/.test(text)
}

const named: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

/**
 * Text for the inside of an element. Characters that readers change, or that XML 1.0 cannot carry at all, are written
 * as references to their numbers, as S3 does: not every reader takes the latter.
 */
export function escapeXml(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- see isXmlText
    /[&<>"'\0-\x1f\x7f-\x9f\u2028\ufffe\uffff]/g,
    (character) => named.get(character) ?? `&#x${character.charCodeAt(0).toString(16)};`,
  )
}

/** An element around text, which is escaped; nothing where there is none. */
export function xmlText(name: string, text: string | number | boolean | undefined): string {
  if (text === undefined) return ''
  return `<${name}>${typeof text === 'string' ? escapeXml(text) : text}</${name}>`
}

/** An element around others, as they are written already. */
export function xmlElement(name: string, ...inside: readonly string[]): string {
  return inside.length === 0 ? `<${name}/>` : `<${name}>${inside.join('')}</${name}>`
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** A whole document of S3's: a root element in its namespace around others, as they are written already. */
export function xmlDocument(root: string, ...inside: readonly string[]): string {
  return `${declaration}<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside.join('')}</${root}>`
}

/** As xmlDocument, without a namespace: S3's errors have none. */
export function bareXmlDocument(root: string, ...inside: readonly string[]): string {
  return `${declaration}<${root}>${inside.join('')}</${root}>`
}
