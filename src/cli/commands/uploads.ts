// `uploads ls|abort`: what was begun to be uploaded and never ended, which storage is paid for.
import { duration, flag } from '../../config/option.ts'
import type { HawserError } from '../../core/errors.ts'
import { formatAddress } from '../../core/location.ts'
import type { Place } from '../../core/place.ts'
import type { UnfinishedUpload } from '../../core/store.ts'
import {
  abortUploads,
  arrivedBytes,
  unfinishedUploads,
  type UploadsOptions,
} from '../../sync/uploads.ts'
import { type Command, type Context, defineCommand, type UploadAt, usageError } from '../command.ts'
import { dryRunOption } from '../transfer.ts'

const options = {
  olderThan: duration('--older-than <time>', 'only those that began longer ago, such as 7d'),
  sizes: flag('--sizes', 'ls: also the bytes that have arrived: a request for each upload'),
  recursive: flag('-r, --recursive', 'abort: all below URL, not only those of that very name'),
  dryRun: dryRunOption,
}

export const uploads: Command = defineCommand({
  arguments: { usage: 'ls|abort URL', min: 2, max: 2 },
  options,
  details:
    '"ls" shows when each began, its address and its id; "abort" frees what has arrived of it. On a disk these are temporary files. One that is still being sent fails when it is aborted.',
  examples: [
    ['uploads ls s3://bucket', 'all in the bucket'],
    ['uploads abort -r --older-than 7d s3://bucket', 'frees what a week ago was left behind'],
  ],
  async run([action = '', address = ''], { olderThan, sizes, recursive, dryRun }, context) {
    if (action === 'ls' && dryRun)
      throw usageError('--dry-run goes with uploads abort: uploads ls changes nothing')
    if (action === 'abort' && sizes)
      throw usageError('--sizes goes with uploads ls', 'See what has arrived before you abort it.')
    const place = await context.open(address)
    const { signal, meter } = context
    const before = olderThan === undefined ? undefined : new Date(Date.now() - olderThan)
    if (action === 'ls') {
      const found = unfinishedUploads(place, { recursive: true, before, signal, meter })
      return { kind: 'uploads', uploads: listed(place, found, sizes, context), failures: [] }
    }
    if (action !== 'abort')
      throw usageError(`uploads knows ls and abort, not ${JSON.stringify(action)}`)
    if (!recursive && (place.prefix === '' || place.prefix.endsWith('/')))
      throw usageError(
        `${address} is a tree of objects`,
        'Abort all unfinished uploads below it with: hawser uploads abort -r',
      )
    const failures: HawserError[] = []
    const settings = { recursive, before, signal, meter }
    return {
      kind: 'uploads',
      uploads: aborted(place, settings, dryRun, failures, context),
      failures,
    }
  },
})

async function* listed(
  place: Place,
  found: AsyncIterable<UnfinishedUpload>,
  sizes: boolean,
  { signal, meter }: Context,
): AsyncGenerator<UploadAt> {
  for await (const upload of found) {
    const arrived = sizes ? await arrivedBytes(place, upload, { signal, meter }) : undefined
    yield { ...upload, address: addressOf(place, upload), arrived, done: 'listed' }
  }
}

async function* aborted(
  place: Place,
  settings: UploadsOptions,
  dryRun: boolean,
  failures: HawserError[],
  context: Context,
): AsyncGenerator<UploadAt> {
  const { journal } = await context.state()
  const { jobs } = context.options
  for await (const { upload, error } of abortUploads(place, {
    ...settings,
    journal,
    jobs,
    dryRun,
  })) {
    if (error) {
      failures.push(error)
      context.onEvent({ type: 'error', error })
      continue
    }
    const done = dryRun ? 'would abort' : 'aborted'
    yield { ...upload, address: addressOf(place, upload), arrived: undefined, done }
  }
}

function addressOf({ store }: Place, { key }: UnfinishedUpload): string {
  return formatAddress(store.location, key)
}
