// Reads the policy of a form: JSON in base64.
// Format: "Creating a POST Policy" in the Amazon S3 API Reference.
import { S3Error } from '../errors.ts'
import type { Condition } from './conditions.ts'

/** In bytes, both included. */
export interface LengthRange {
  readonly min: number
  readonly max: number
}

export interface PolicyDocument {
  /** Milliseconds since 1970. */
  readonly expiration: number
  readonly conditions: readonly Condition[]
  readonly lengthRange: LengthRange | undefined
}

/** @throws S3Error InvalidPolicyDocument */
export function readPolicy(text: string): PolicyDocument {
  const document = parse(text)
  if (!isRecord(document)) throw invalid('Invalid JSON.')
  const { expiration, conditions } = document
  if (expiration === undefined) throw invalid('Policy missing expiration.')
  if (!Array.isArray(conditions)) throw invalid('Policy missing conditions.')
  const read: Condition[] = []
  let lengthRange: LengthRange | undefined
  for (const condition of conditions as readonly unknown[]) {
    if (Array.isArray(condition)) {
      const one = readList(condition)
      if ('match' in one) read.push(one)
      else
        lengthRange = lengthRange
          ? { min: Math.max(lengthRange.min, one.min), max: Math.min(lengthRange.max, one.max) }
          : one
    } else if (isRecord(condition)) {
      for (const [field, value] of Object.entries(condition))
        read.push({ match: 'eq', field: field.toLowerCase(), value: textOf(value) })
    } else throw invalid('Invalid condition.')
  }
  return { expiration: readTime(expiration), conditions: read, lengthRange }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString())
  } catch {
    throw invalid('Invalid JSON.')
  }
}

const timeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

function readTime(value: unknown): number {
  const time = typeof value === 'string' && timeText.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw invalid('Invalid expiration.')
  return time
}

function readList(list: readonly unknown[]): Condition | LengthRange {
  const [operator, first, second] = list
  const match = typeof operator === 'string' ? operator.toLowerCase() : ''
  if (list.length !== 3) throw invalid('Invalid condition.')
  if (match === 'content-length-range') return { min: bytesOf(first), max: bytesOf(second) }
  if (
    (match !== 'eq' && match !== 'starts-with') ||
    typeof first !== 'string' ||
    !/^\$./.test(first)
  )
    throw invalid('Invalid condition.')
  return { match, field: first.slice(1).toLowerCase(), value: textOf(second) }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw invalid('Invalid condition value.')
}

function bytesOf(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text))
    throw invalid('Invalid content-length-range.')
  return Number(text)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: string): S3Error {
  return new S3Error('InvalidPolicyDocument', { message: `Invalid Policy: ${what}` })
}
