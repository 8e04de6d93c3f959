// Facts about one thing, one a line, aligned.
import { formatBytes, formatCount } from './format.ts'
import { escapeControls } from './text.ts'

/** One without a value is not shown. */
export type Fact = readonly [name: string, value: string | undefined]

export function factLines(facts: readonly Fact[]): string {
  const shown = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [[escapeControls(name), escapeControls(value)] as const],
  )
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('')
}

/** `1.00 MiB (1,048,576 B)` */
export function sizeFact(bytes: number): string {
  return `${formatBytes(bytes)}${bytes < 1000 ? '' : ` (${formatCount(bytes)} B)`}`
}
