// Buckets of the service.
import type { Buckets, CallOptions } from '../../core/store.ts'
import { child, escapeXml, needText, textOf } from '../../wire/xml.ts'
import type { Call, Client } from './client.ts'
import { timeFrom } from './info.ts'

export function s3Buckets(client: Client): Buckets {
  return {
    list: (options) => listBuckets(client, options),
    create: (name, options) => createBucket(client, name, options),
    async remove(name, options) {
      const call = {
        op: 'removeBucket',
        kind: 'control',
        method: 'DELETE',
        bucket: name,
        options,
      } as const
      await (await client.call(call)).discard()
    },
  }
}

async function* listBuckets(
  client: Client,
  options: CallOptions | undefined,
): ReturnType<Buckets['list']> & AsyncGenerator {
  let token: string | undefined
  do {
    const call: Call = {
      op: 'listBuckets',
      kind: 'list',
      method: 'GET',
      bucket: '',
      query: { 'continuation-token': token },
      options,
    }
    const page = await client.document(call, 'ListAllMyBucketsResult', (root) => ({
      buckets: (child(root, 'Buckets')?.children ?? []).map((element) => ({
        name: needText(element, 'Name'),
        created: dateFrom(textOf(element, 'CreationDate')),
      })),
      next: textOf(root, 'ContinuationToken') || undefined,
    }))
    if (page.next !== undefined && page.next === token)
      throw client.malformed('a listing of buckets in a circle', call)
    yield* page.buckets
    token = page.next
  } while (token !== undefined)
}

function dateFrom(text: string | undefined): Date | undefined {
  const time = timeFrom(text)
  return time === undefined ? undefined : new Date(Number(time / 1_000_000n))
}

/** @throws already-exists, also where the bucket is the caller's own */
async function createBucket(
  client: Client,
  name: string,
  options: CallOptions | undefined,
): Promise<void> {
  // S3: us-east-1 is the one region that may not be named as a constraint.
  const constraint = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${escapeXml(client.region)}</LocationConstraint></CreateBucketConfiguration>`
  const response = await client.call({
    op: 'createBucket',
    kind: 'control',
    method: 'PUT',
    bucket: name,
    body: client.region === 'us-east-1' ? undefined : Buffer.from(constraint),
    options,
  })
  await response.discard()
}
