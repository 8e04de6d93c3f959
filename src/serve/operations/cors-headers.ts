// Requests from pages of other origins: the answer to a browser that asks first (preflight), and the headers that let
// a page see the answers to what it then sends. The first rule that matches counts.
//
// Rules: "How does Amazon S3 evaluate the CORS configuration on a bucket?" in the Amazon S3 User Guide.
import { S3Error } from '../errors.ts'
import type { Answer, RequestHead } from '../http/types.ts'
import type { CorsRule, Vault } from '../vault/types.ts'

type Headers = Readonly<Record<string, string>>

/** @throws S3Error BadRequest, AccessForbidden, NoSuchBucket */
export async function preflight(
  head: RequestHead,
  vault: Vault,
  signal: AbortSignal,
): Promise<Answer> {
  const origin = head.headers['origin']
  const method = head.headers['access-control-request-method']
  if (origin === undefined)
    throw new S3Error('BadRequest', {
      message: 'Insufficient information. Origin request header needed.',
    })
  if (method === undefined)
    throw new S3Error('BadRequest', {
      message: 'Invalid Access-Control-Request-Method: null',
    })
  const asked = (head.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const cors =
    head.bucket === undefined ? [] : (await vault.buckets.get(head.bucket, { signal })).cors
  if (cors.length === 0)
    throw new S3Error('AccessForbidden', {
      message: 'CORSResponse: CORS is not enabled for this bucket.',
      extra: { Method: method, ResourceType: 'BUCKET' },
    })
  const rule = cors.find(
    (candidate) =>
      allows(candidate, origin, method) &&
      asked.every((name) =>
        candidate.headers.some((pattern) => matches(pattern.toLowerCase(), name)),
      ),
  )
  if (!rule)
    throw new S3Error('AccessForbidden', {
      message:
        'CORSResponse: This CORS request is not allowed. No rule of the bucket allows this origin, method and headers.',
      extra: { Method: method, ResourceType: head.key === undefined ? 'BUCKET' : 'OBJECT' },
    })
  const headers: Record<string, string> = { ...headersOf(rule, origin) }
  if (asked.length > 0) headers['Access-Control-Allow-Headers'] = asked.join(', ')
  return { status: 200, headers }
}

/** What is added to the answer to a request with an Origin; nothing where no rule matches, or there is no bucket. */
export async function corsHeaders(
  head: RequestHead,
  origin: string,
  vault: Vault,
  signal: AbortSignal,
): Promise<Headers | undefined> {
  if (head.bucket === undefined) return undefined
  let cors: readonly CorsRule[]
  try {
    cors = (await vault.buckets.get(head.bucket, { signal })).cors
  } catch {
    // The request's own answer tells.
    return undefined
  }
  const rule = cors.find((candidate) => allows(candidate, origin, head.method))
  return rule && headersOf(rule, origin)
}

function allows(rule: CorsRule, origin: string, method: string): boolean {
  return rule.methods.includes(method) && rule.origins.some((pattern) => matches(pattern, origin))
}

function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  const [before, behind] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return (
    text.length >= before.length + behind.length && text.startsWith(before) && text.endsWith(behind)
  )
}

function headersOf(rule: CorsRule, origin: string): Headers {
  const anybody = rule.origins.includes('*')
  const headers: Record<string, string> = {
    'Access-Control-Allow-Origin': anybody ? '*' : origin,
    'Access-Control-Allow-Methods': rule.methods.join(', '),
    Vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
  if (!anybody) headers['Access-Control-Allow-Credentials'] = 'true'
  if (rule.exposed.length > 0) headers['Access-Control-Expose-Headers'] = rule.exposed.join(', ')
  if (rule.maxAge !== undefined) headers['Access-Control-Max-Age'] = String(rule.maxAge)
  return headers
}
