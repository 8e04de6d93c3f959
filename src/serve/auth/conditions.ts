// What the policy of a form says of one of its fields.
// Rules: "Creating a POST Policy" in the Amazon S3 API Reference.

export interface Condition {
  readonly match: 'eq' | 'starts-with'
  /** In lower case. */
  readonly field: string
  readonly value: string
}

export function meets({ match, field, value }: Condition, given: string): boolean {
  if (match === 'eq') return given === value
  // A list of content types meets a condition with each of them.
  if (field === 'content-type' && given.includes(','))
    return given.split(',').every((one) => one.trim().startsWith(value))
  return given.startsWith(value)
}
