// `mb`: makes a bucket.
import { openBucket } from '../bucket.ts'
import { type Command, defineCommand } from '../command.ts'

export const mb: Command = defineCommand({
  arguments: { usage: 'URL', min: 1, max: 1 },
  options: {},
  details: 'Makes the bucket in the region in use.',
  examples: [['mb s3://bucket --region eu-west-1', 'a bucket in Ireland']],
  async run([text = ''], _options, context) {
    const { buckets, name, address } = await openBucket(text, context)
    await buckets.create(name, { signal: context.signal, meter: context.meter })
    return { kind: 'bucket', done: 'created', address }
  },
})
