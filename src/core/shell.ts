// Words as a POSIX shell takes them, for the commands that messages suggest.

/** In quotes where a shell would take something of it for its own; control characters as `$'…'` has them. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  const escaped = text
    .replaceAll(/[\\']/g, String.raw`\$&`)
    .replaceAll(/\p{Cc}/gu, (control) => bytesOf(control).map(escape).join(''))
  return `$'${escaped}'`
}

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)]
}

function escape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
