// What S3 says of an object, or of one of its parts, in its headers.
import type { Key } from '../../core/key.ts'
import type { ReadOptions } from '../../core/store.ts'
import type { Client } from './client.ts'
import type { HttpResponse } from './message.ts'

/** Asks S3 to tell the checksum that it keeps. */
export const withChecksum: Readonly<Record<string, string>> = { 'x-amz-checksum-mode': 'ENABLED' }

export async function headObject(
  client: Client,
  key: Key,
  options: ReadOptions,
  op: string,
  partNumber?: number,
): Promise<HttpResponse> {
  const response = await client.call({
    op,
    kind: 'stat',
    method: 'HEAD',
    key,
    query: {
      versionId: options.version,
      partNumber: partNumber === undefined ? undefined : String(partNumber),
    },
    headers: { ...withChecksum, 'if-match': options.ifMatch, ...client.customerKey.object },
    options,
  })
  await response.discard()
  return response
}
