// Text for a terminal: how wide it is, how to make it fit, and names that must not act on the terminal.

const plainAscii = /^[\x20-\x7e]*$/
// C0, DEL and C1; the characters that reorder text; line and paragraph separators.
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Makes visible what would move the cursor, ring, colour or reorder: nothing in a name can act on the terminal. */
export function escapeControls(text: string): string {
  return plainAscii.test(text) ? text : text.replace(controls, escaped)
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16)
  return short[character] ?? (code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`)
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]/u
// East Asian Wide and Fullwidth, and what is drawn as emoji. Where terminals differ, the wider answer is the safe one.
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|\ufe0f/u

let segmenter: Intl.Segmenter | undefined

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function graphemeWidth(grapheme: string): number {
  if (wide.test(grapheme)) return 2
  return zeroWidth.test(grapheme) ? 0 : 1
}

/** Columns that the text takes; it must hold no control characters. */
export function displayWidth(text: string): number {
  if (plainAscii.test(text)) return text.length
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0)
}

/** The text, or its beginning and `…`, in at most so many columns. */
export function fitStart(text: string, columns: number): string {
  return fit(
    text,
    columns,
    (parts) => parts,
    (kept) => `${kept.join('')}…`,
  )
}

/** The text, or `…` and its end: of an address the end tells most. */
export function fitEnd(text: string, columns: number): string {
  return fit(
    text,
    columns,
    (parts) => parts.toReversed(),
    (kept) => `…${kept.toReversed().join('')}`,
  )
}

function fit(
  text: string,
  columns: number,
  order: (parts: string[]) => string[],
  join: (kept: string[]) => string,
): string {
  if (displayWidth(text) <= columns) return text
  if (columns < 1) return ''
  const kept: string[] = []
  let width = 1
  for (const part of order(graphemes(text))) {
    width += graphemeWidth(part)
    if (width > columns) break
    kept.push(part)
  }
  return join(kept)
}

/** Fills with spaces to so many columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}
