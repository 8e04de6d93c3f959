// An answer as one line: its status, S3's code, and what a scenario wants to see of its headers and its document.
import { parseXml, type XmlElement } from '../../../src/wire/xml.ts'
import type { Heard } from './stage.ts'

/**
 * @param show `body`: as text; `x-amz-…` and other names in lower case: a header; `Name`, `Parent/Name`: the texts of
 *   all such elements; what is not there is left out, and what error documents are made of
 * @param names what the server made up, and how to call it; versions that have no name are `another`
 */
export function told(
  { status, headers, bytes }: Heard,
  show: readonly string[] = [],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const text = bytes.toString()
  const root = text.startsWith('<') || text.startsWith('\n') ? documentOf(text) : undefined
  const parts = [String(status)]
  const isError = root?.name === 'Error'
  if (isError) parts.push(textsOf(root, ['Code']).join(' '))
  for (const one of show) {
    if (isError && /^(?:body|content-length|content-type|Error\/.*)$/.test(one)) continue
    if (one === 'body') parts.push(JSON.stringify(text))
    else if (/^[a-z]/.test(one)) {
      const value = headers[one]
      if (value !== undefined) parts.push(`${one}=${named(one, String(value), names)}`)
    } else if (root) {
      const values = textsOf(root, one.split('/'))
      if (values.length > 0)
        parts.push(`${one}=${values.map((value) => named(one, value, names)).join(',')}`)
    }
  }
  return parts.join(' ')
}

function documentOf(text: string): XmlElement | undefined {
  try {
    return parseXml(text.trimStart())
  } catch {
    return undefined
  }
}

function textsOf(element: XmlElement, path: readonly string[]): string[] {
  const [parent, name] = path.length === 2 ? path : [undefined, path[0]]
  return element.children.flatMap((inner) => [
    ...(inner.name === name && (parent === undefined || element.name === parent)
      ? [inner.text]
      : []),
    ...textsOf(inner, path),
  ])
}

function named(what: string, value: string, names: ReadonlyMap<string, string>): string {
  let text = value
  for (const [made, name] of names) text = text.replaceAll(made, name)
  const isUnknown = /version-?id$/i.test(what) && text === value && !/^(?:null|)$/.test(value)
  return isUnknown ? 'another' : text
}
