// The lines of a `.dockerignore` that say something.
import { posix } from 'node:path'

export interface DockerLine {
  /** As it was written. */
  readonly line: string
  /** It begins with `!`. */
  readonly exception: boolean
  /** Without a `/` at its ends, `.`, and `..` that a name is in front of. Empty for a `!` alone. */
  readonly pattern: string
}

export function dockerLines(text: string): DockerLine[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  return lines
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => {
      const written = line.trim()
      const exception = written.startsWith('!')
      return { line: written, exception, pattern: clean(exception ? written.slice(1) : written) }
    })
}

function clean(pattern: string): string {
  const path = pattern.trim()
  return path === ''
    ? ''
    : posix
        .normalize(path)
        .replace(/(?<=.)\/$/s, '')
        .replace(/^\/(?=.)/s, '')
}
