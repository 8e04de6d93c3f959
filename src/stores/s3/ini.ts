// Parses the INI dialect of `~/.aws/config` and `~/.aws/credentials`: sections, `key = value`, comments, and indented
// lines that belong to the property above them ("Shared config and credentials files", AWS SDKs and Tools Reference).

/** Properties by section, as written between the brackets. Names of properties are lower-case. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Says where and what, never the content: it may be a secret. */
export class MalformedIni extends Error {
  override readonly name = 'MalformedIni'
  readonly line: number
  constructor(line: number, reason: string) {
    super(reason)
    this.line = line
  }
}

/** Sections of the same name are one; of properties of the same name the last one counts. @throws MalformedIni */
export function parseIni(text: string): Ini {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  /** The property that a deeper line belongs to, and how deep it lies itself. */
  let above: { readonly depth: number; readonly empty: boolean } | undefined
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = withoutComment(raw)
    if (line === '') continue
    const number = index + 1
    const depth = raw.search(/\S/)
    if (line.startsWith('[')) {
      section = openSection(line, number, sections)
      above = undefined
      continue
    }
    const equals = line.indexOf('=')
    if (above && depth > above.depth) {
      if (above.empty && equals < 1)
        throw new MalformedIni(number, 'not a line of the form "name = value"')
      continue // a sub-section such as "s3 =", or the rest of a value of several lines: nothing that is read here
    }
    if (equals < 1) throw new MalformedIni(number, 'not a line of the form "name = value"')
    if (!section) throw new MalformedIni(number, 'a value before the first [section]')
    const value = line.slice(equals + 1).trim()
    section.set(line.slice(0, equals).trim().toLowerCase(), value)
    above = { depth, empty: value === '' }
  }
  return sections
}

function openSection(
  line: string,
  number: number,
  sections: Map<string, Map<string, string>>,
): Map<string, string> {
  const name = /^\[([^[\]]+)\]$/.exec(line)?.[1]?.trim()
  if (!name) throw new MalformedIni(number, 'not a line of the form "[section]"')
  const section = sections.get(name) ?? new Map<string, string>()
  sections.set(name, section)
  return section
}

/** A comment begins with `#` or `;`, at the start of a line or after white space. */
function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)[#;]/)
  return (at < 0 ? line : line.slice(0, at)).trim()
}
