// The lines of a `.dockerignore` for a library that takes some characters for those of a regular expression.

/** Comments and empty lines are left out. */
export function dockerPatterns(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  return lines.filter((line) => !line.startsWith('#') && line.trim() !== '').map(plainly)
}

/** Outside brackets only `*`, `?` and `\` mean something. */
function plainly(line: string): string {
  return line
    .trim()
    .replace(/\[(?:\\.|[^\]\\])*\]|\\(.)|[(){}|+^]/gsu, (found, escaped: string | undefined) => {
      if (found.startsWith('[')) return found
      if (escaped === undefined) return `\\${found}`
      return /\w/.test(escaped) ? escaped : found
    })
}
