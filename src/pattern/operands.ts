// Addresses as the operands of a command that takes patterns, for messages that suggest one.
import { shellWord } from '../core/shell.ts'
import { hasWildcards } from './glob.ts'

/** As a shell takes them; with `--literal` before them where one would be a pattern. */
export function asOperands(addresses: readonly string[]): string {
  const literal = addresses.some(hasWildcards) ? ['--literal'] : []
  return [...literal, ...addresses.map(shellWord)].join(' ')
}
