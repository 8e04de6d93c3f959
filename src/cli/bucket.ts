// Commands about buckets speak to the service as a whole.
import { isHawserError } from '../core/errors.ts'
import type { Buckets } from '../core/store.ts'
import { parseAddress } from '../address.ts'
import { type Context, usageError } from './command.ts'

export interface NamedBucket {
  readonly buckets: Buckets
  readonly name: string
  readonly address: string
}

/** @throws HawserError invalid-argument for what is no bucket's address */
export async function openBucket(text: string, { open }: Context): Promise<NamedBucket> {
  const address = parseAddress(text)
  if (!('bucket' in address) || address.bucket === '' || address.key !== '')
    throw usageError(
      `not the address of a bucket: ${text}`,
      'A bucket is s3://name, without a key.',
    )
  const { store } = await open(`${address.scheme}://`)
  if (!store.buckets) throw usageError(`there are no buckets at ${text}`)
  return {
    buckets: store.buckets,
    name: address.bucket,
    address: `${address.scheme}://${address.bucket}`,
  }
}

/** Makes the bucket of an address, where it has one that is missing. */
export async function createBucketOf(text: string, context: Context): Promise<void> {
  const address = parseAddress(text)
  if (!('bucket' in address) || address.bucket === '') return
  const { buckets, name } = await openBucket(`${address.scheme}://${address.bucket}`, context)
  try {
    await buckets.create(name, { signal: context.signal, meter: context.meter })
  } catch (error) {
    // Whose it is, the first write tells.
    if (!isHawserError(error) || error.code !== 'already-exists') throw error
  }
}
