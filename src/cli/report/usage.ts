// How much lies where: a line for each prefix.
import type { UsageAt } from '../command.ts'
import type { Amount } from '../../sync/du.ts'
import { formatBytes } from './format.ts'
import type { JsonRecord } from './records.ts'
import { escapeControls } from './text.ts'

export interface UsageStyle {
  readonly byClass: boolean
  readonly human: boolean
}

/** `   1234       5  s3://bucket/a/`; with `byClass` a line for each class before it, which names the class. */
export function usageLines(row: UsageAt, style: UsageStyle, terminal: boolean): string {
  const address = terminal ? escapeControls(row.address) : row.address
  if (!style.byClass) return `${amounts(row, style)}  ${address}`
  const classes = [...row.classes].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [...classes, ['all', row] as const]
    .map(([name, amount]) => `${amounts(amount, style)}  ${(name || '-').padEnd(19)}  ${address}`)
    .join('\n')
}

function amounts({ bytes, objects }: Amount, { human }: UsageStyle): string {
  const size = human ? formatBytes(bytes).padStart(9) : String(bytes).padStart(13)
  return `${size}  ${String(objects).padStart(9)}`
}

/** Classes are left out where the store tells none. */
export function usageRecord({ address, depth, bytes, objects, classes }: UsageAt): JsonRecord {
  const known = [...classes].filter(([name]) => name !== '')
  return {
    type: 'usage',
    address,
    depth,
    bytes,
    objects,
    classes: known.length === 0 ? undefined : Object.fromEntries(known),
  }
}
