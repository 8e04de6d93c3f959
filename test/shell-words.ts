// What a shell makes of a command line.
import { execFileSync } from 'node:child_process'

export function shellWords(line: string): string[] {
  const text = execFileSync('bash', ['-c', String.raw`printf '%s\0' ${line}`], { encoding: 'utf8' })
  return text.split('\0').slice(0, -1)
}
