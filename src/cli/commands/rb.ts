// `rb`: removes a bucket that holds nothing.
import { isHawserError } from '../../core/errors.ts'
import { removeStraySignatures } from '../../sync/reserved.ts'
import { openBucket } from '../bucket.ts'
import { type Command, defineCommand } from '../command.ts'

export const rb: Command = defineCommand({
  arguments: { usage: 'URL', min: 1, max: 1 },
  options: {},
  details:
    'Removes the bucket if it is empty, but for signatures of objects that are gone. To empty it first: hawser rm -r s3://bucket',
  examples: [['rb s3://bucket', 'removes an empty bucket']],
  async run([text = ''], _options, context) {
    const { buckets, name, address } = await openBucket(text, context)
    const { signal, meter } = context
    try {
      await buckets.remove(name, { signal, meter })
    } catch (error) {
      if (!isHawserError(error) || error.code !== 'conflict') throw error
      const { store } = await context.open(address)
      if (!(await removeStraySignatures(store, { signal, meter }))) throw error
      await buckets.remove(name, { signal, meter })
    }
    return { kind: 'bucket', done: 'removed', address }
  },
})
