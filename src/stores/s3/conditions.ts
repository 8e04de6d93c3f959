// Conditions on what a request changes: held by the service where it takes them, else by a look just before.
import { isHawserError } from '../../core/errors.ts'
import type { Condition, ObjectInfo } from '../../core/store.ts'
import type { Client } from './client.ts'

export interface Guarded {
  readonly op: string
  readonly condition: Condition | undefined
  /** Looks whether it holds: what is there. @throws precondition-failed */
  readonly look: (condition: Condition) => Promise<ObjectInfo | undefined>
  /** The service may pass over the condition without a word: a look before at least narrows the gap. */
  readonly mayIgnore?: boolean
}

/**
 * Sends a request with its condition. Where the service refuses conditions of that kind, or says of one that holds that
 * it does not, it looks, sends the request without, and from then on does so at once. A refusal is the condition's where
 * the request goes through without it.
 * @throws precondition-failed, and whatever `send` throws
 */
export async function sendGuarded<T>(
  client: Client,
  { op, condition, look, mayIgnore = false }: Guarded,
  send: (headers: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  if (!condition) return send({})
  const kind = `${op} ${condition.kind}`
  const isRefused = client.refusedConditions.has(kind)
  if (isRefused || mayIgnore) await look(condition)
  if (isRefused) return send({})
  try {
    return await send(conditionHeaders(client, condition))
  } catch (error) {
    const isUnmet = isHawserError(error) && error.code === 'precondition-failed'
    if (isUnmet ? condition.kind === 'if-absent' : !mayBeRefusal(error)) throw error
    const found = await look(condition)
    // Ceph 16 says so of every condition on an object that has versions. What is replaced is kept there.
    if (isUnmet && (found?.version === undefined || found.version === 'null')) throw error
  }
  const sent = await send({})
  client.refusedConditions.add(kind)
  return sent
}

/** S3 says 501 of a header that it does not implement; others call it an invalid argument. */
function mayBeRefusal(error: unknown): boolean {
  return (
    isHawserError(error) &&
    error.status !== undefined &&
    (error.code === 'unsupported' || error.code === 'invalid-argument')
  )
}

/** Older Ceph compares the bare tag; newer ones and S3 take both forms. */
function conditionHeaders(client: Client, condition: Condition): Record<string, string> {
  if (condition.kind === 'if-absent') return { 'if-none-match': '*' }
  const { etag } = condition
  return { 'if-match': client.computesChecksums ? etag : etag.replace(/^"(.*)"$/, '$1') }
}
