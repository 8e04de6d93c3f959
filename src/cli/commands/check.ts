// `check`: compares two trees, or audits one against the digests that its store recorded.
import { flag, type SpecsOf, text } from '../../config/option.ts'
import type { EventSink } from '../../core/events.ts'
import { addressOfPlace, type Place } from '../../core/place.ts'
import { check as checkTrees, type CheckOptions, checkRecorded } from '../../sync/check.ts'
import type { CheckResult } from '../../sync/check-report.ts'
import { type Command, type Context, defineCommand, usageError } from '../command.ts'
import { selectionOf, selectionOptions, type SelectionValues } from '../selection.ts'
import { CheckFile, type CheckHeader } from '../report/check-file.ts'

interface CheckValues extends SelectionValues {
  readonly oneWay: boolean
  readonly sizeOnly: boolean
  readonly download: boolean
  readonly checksum: boolean
  readonly report: string | undefined
}

const options: SpecsOf<CheckValues> = {
  oneWay: flag('--one-way', 'what only B has is no difference'),
  sizeOnly: flag('--size-only', 'equal sizes are enough'),
  download: flag(
    '--download',
    'read both sides and compare their bytes, whatever digests are known',
  ),
  checksum: flag('-c, --checksum', 'compare contents: what it does anyway'),
  report: text('--report <file>', 'write what was found of each name to this file, as JSON lines'),
  ...selectionOptions,
}

export const check: Command = defineCommand({
  arguments: { usage: 'A [B]', min: 1, max: 2 },
  options,
  details:
    'Changes nothing. Compares what lies at A with what lies at B by the digests that the stores know, and reads what they prove nothing of. Without B it reads all that lies at A, and compares it with the digests that the store recorded. Ends with 7 where something differs, is missing or damaged.',
  examples: [
    ['check ./models s3://bucket/models', 'whether all arrived, and nothing else is there'],
    ['check --one-way ./new s3://bucket/all', 'whether the bucket has all that is here'],
    ['check s3://bucket/models --report audit.jsonl', 'whether what is stored is still intact'],
  ],
  async run([from = '', to], given, context) {
    const { oneWay, sizeOnly, download, checksum } = given
    if (sizeOnly && checksum) throw usageError('--size-only and --checksum exclude each other')
    if (sizeOnly && download) throw usageError('--size-only and --download exclude each other')
    if (to === undefined && (oneWay || sizeOnly || download))
      throw usageError('--one-way, --size-only and --download are for two trees')
    const a = await context.open(from)
    const b = to === undefined ? undefined : await context.open(to)
    const filters = await selectionOf(given, context)
    const how = download ? 'bytes' : sizeOnly ? 'size' : 'digest'
    const by = b ? how : 'record'
    const header = { a: addressOfPlace(a), b: b && addressOfPlace(b), oneWay, by } as const
    const result = await reported(given.report, header, context.onEvent, (onEvent) =>
      run(a, b, { ...filters, oneWay, sizeOnly, download }, { ...context, onEvent }),
    )
    return { kind: 'check', result }
  },
})

function run(
  a: Place,
  b: Place | undefined,
  how: CheckOptions,
  { signal, onEvent, meter, options: { jobs } }: Context,
): Promise<CheckResult> {
  const settings = { ...how, jobs, signal, onEvent, meter }
  return b ? checkTrees(a, b, settings) : checkRecorded(a, settings)
}

/** Runs the check with a sink that also writes the report, where one is wanted. */
async function reported(
  path: string | undefined,
  header: Omit<CheckHeader, 'started'>,
  sink: EventSink,
  checking: (onEvent: EventSink) => Promise<CheckResult>,
): Promise<CheckResult> {
  if (path === undefined) return checking(sink)
  using file = new CheckFile(path, { ...header, started: new Date() })
  return await checking((event) => {
    file.take(event)
    sink(event)
  })
}
