// What bash makes of a pattern in a directory.
import { execFileSync } from 'node:child_process'
import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** For each pattern, the names that it finds: sorted, each once, those of directories with a `/` at the end. */
export function bashGlobs(directory: string, patterns: readonly string[]): string[][] {
  const words = patterns.map((text) => text.replace(/[ \n]/g, (char) => `'${char}'`))
  const script = words.map((word) => `printf '%s\\0' ${word}; printf '/\\0'`).join('\n')
  const said = execFileSync(
    'bash',
    ['-O', 'globstar', '-O', 'dotglob', '-O', 'nullglob', '-c', script],
    { cwd: directory, env: { ...process.env, LC_ALL: 'C.UTF-8' }, timeout: 20_000 },
  ).toString()
  const found = said.split('\0/\0').slice(0, patterns.length)
  return found.map((names) => exact(directory, names.split('\0')))
}

/** A word without wildcards bash leaves as it is, whether or not there is such a file. */
function exact(directory: string, words: readonly string[]): string[] {
  const names = new Set<string>()
  for (const word of words) {
    const name = word.replace(/\/$/, '')
    const stats = lookAt(join(directory, name))
    if (name === '' || !stats || (word !== name && !stats.isDirectory())) continue
    names.add(stats.isDirectory() ? `${name}/` : name)
  }
  return [...names].toSorted()
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
