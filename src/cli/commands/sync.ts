// `sync`: makes one tree like another.
import { sync as syncTrees } from '../../sync/sync.ts'
import { createBucketOf } from '../bucket.ts'
import { type Command, defineCommand } from '../command.ts'
import { reported } from '../reported.ts'
import { syncingOf, syncOptions } from '../syncing.ts'

export const sync: Command = defineCommand({
  arguments: { usage: 'SRC DST', min: 2, max: 2 },
  options: syncOptions,
  details:
    'Copies what is missing or different from the tree SRC to the tree DST, in either direction. What has another name by now is copied at the destination, not sent. Without --delete nothing is removed but the old names of renamed files, and never anything while something failed.',
  examples: [
    ['sync ./models s3://bucket/models', 'uploads what changed'],
    [
      'sync -n --delete s3://bucket/models ./models',
      'what would change here, and what it would cost',
    ],
    [
      "sync --exclude '*.tmp' --gitignore . s3://bucket/project",
      'without what is not worth keeping',
    ],
  ],
  async run(operands, given, context) {
    const { source, target, settings } = await syncingOf(operands, given, context, async (to) => {
      if (given.createBucket && !given.dryRun) await createBucketOf(to, context)
    })
    const description = { command: 'sync', from: [source], to: target, options: settings }
    return reported(given.report, description, () => syncTrees(source, target, settings))
  },
})
