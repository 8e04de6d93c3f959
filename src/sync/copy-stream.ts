// Copies a stream to an object: what is piped into a command.
import { HawserError } from '../core/errors.ts'
import { addressOfPlace, type Place } from '../core/place.ts'
import { copyStream, measureStream } from '../transfer/stream.ts'
import { flagsOf, recorded } from './history.ts'
import type { TransferOptions } from './options.ts'
import { RunReport, type RunResult } from './report.ts'

/** Copies a stream, whose size nobody knows, to the key of `to`. */
export async function copyFromStream(
  input: AsyncIterable<Uint8Array>,
  to: Place,
  options: TransferOptions,
): Promise<RunResult> {
  if (to.prefix === '' || to.prefix.endsWith('/'))
    throw new HawserError('invalid-argument', 'standard input needs a name at the destination', {
      op: 'copy',
      location: to.store.location,
      key: to.prefix,
      hint: 'Give the whole address of the object, as in s3://bucket/name.',
    })
  if (options.verify)
    throw new HawserError('invalid-argument', 'a stream is not verified: it cannot be sent again', {
      op: 'copy',
      location: to.store.location,
      key: to.prefix,
      hint: 'Copy it to a file first, or leave --verify out.',
    })
  const report = new RunReport(options)
  const write = (): Promise<RunResult> => writeStream(input, to, options, report)
  if (options.dryRun) return write()
  const start = { command: 'copy', from: '-', to: addressOfPlace(to), options: flagsOf(options) }
  return recorded(options.state.runs, start, report, (id) => {
    report.run = id
    return write()
  })
}

async function writeStream(
  input: AsyncIterable<Uint8Array>,
  to: Place,
  options: TransferOptions,
  report: RunReport,
): Promise<RunResult> {
  report.start('copy', ['-'], addressOfPlace(to))
  const ref = { location: to.store.location, key: to.prefix }
  report.begin('copy', ref, 0)
  const session = {
    store: to.store,
    partSize: options.partSize,
    jobs: options.jobs,
    metadata: options.metadata,
    contentType: options.contentType,
    properties: options.properties,
    signal: options.signal,
    meter: report.meter,
  }
  if (report.dryRun) {
    report.done('copy', ref, await measureStream(input, to.prefix, session), 0)
    return report.finish()
  }
  const { size, verified } = await copyStream(input, to.prefix, session, (done) =>
    report.progress(ref, done, done),
  )
  report.done('copy', ref, size, size, { verified })
  return report.finish()
}
