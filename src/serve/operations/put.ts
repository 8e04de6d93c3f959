// PutObject.
import { incomingBody } from '../body/incoming.ts'
import type { Operation } from '../http/types.ts'
import { bucketOf, keyOf } from './arguments.ts'
import { writeConditions } from './conditions.ts'
import { factsFrom } from './facts.ts'
import { MAX_WRITE } from './limits.ts'
import { writtenHeaders } from './object-headers.ts'

export const putObject: Operation = async (request, service) => {
  const facts = factsFrom(request.headers)
  const conditions = writeConditions(request.headers)
  const body = incomingBody(request, { maxSize: MAX_WRITE })
  const bucket = await bucketOf(request, service)
  const version = await service.vault.put(bucket, keyOf(request), body, facts, {
    conditions,
    signal: request.signal,
  })
  return { status: 200, headers: writtenHeaders(bucket, version) }
}
