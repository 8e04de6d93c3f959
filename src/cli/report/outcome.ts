// Prints what a command gives back, as text or as JSON lines.
import type { GlobalOptions } from '../../config/options.ts'
import { md5FromEtag } from '../../core/digest.ts'
import { exitCodeOf } from '../../core/exit-codes.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import type { BucketEntry, FoundObject, Outcome } from '../command.ts'
import { type Fact, factLines, sizeFact } from './facts.ts'
import { formatBytes, formatLocalTime, isoTime } from './format.ts'
import { entryRecord, infoRecord, jsonLine } from './records.ts'
import { archivedLine, archivedRecord } from './restore.ts'
import { logLine, logRecord, runHead, runLines, runRecord } from './runs.ts'
import { porcelainLine, statusLine, statusRecord } from './status.ts'
import { serverLines, serverRecord } from './server.ts'
import { chunkLines, signatureLines, signatureRecords } from './signatures.ts'
import type { Output } from './stdout.ts'
import { escapeControls } from './text.ts'
import { uploadLine, uploadRecord } from './uploads.ts'
import { usageLines, usageRecord } from './usage.ts'

/** @returns the exit code */
export async function printOutcome(
  outcome: Outcome,
  output: Output,
  { json, quiet, verbose }: Pick<GlobalOptions, 'json' | 'quiet' | 'verbose'>,
): Promise<number> {
  switch (outcome.kind) {
    case 'entries':
      await printLines(outcome.entries, output, (entry) =>
        json ? jsonLine(entryRecord(entry)) : entryLine(entry, outcome, output.terminal),
      )
      break
    case 'buckets':
      await printLines(outcome.buckets, output, (bucket) =>
        json ? jsonLine(bucketRecord(bucket)) : bucketLine(bucket),
      )
      break
    case 'objects':
      await printObjects(outcome.objects, output, json)
      break
    case 'signatures':
      await printSignatures(outcome, output, json)
      return exitCodeOf(outcome.failures.map(({ code }) => code))
    case 'bytes':
      await printBytes(outcome.bytes, output)
      break
    case 'bucket': {
      const { done, address } = outcome
      if (json) await output.text(`${jsonLine({ type: 'bucket', done, address })}\n`)
      break
    }
    case 'server':
      await output.text(json ? serverRecord(outcome) : serverLines(outcome, quiet))
      await output.flush()
      await outcome.closed
      break
    case 'usage':
      await printLines(outcome.rows, output, (row) =>
        json ? jsonLine(usageRecord(row)) : usageLines(row, outcome, output.terminal),
      )
      return exitCodeOf(outcome.failures.map(({ code }) => code))
    case 'uploads':
      await printLines(outcome.uploads, output, (upload) =>
        json ? jsonLine(uploadRecord(upload)) : uploadLine(upload, output.terminal),
      )
      return exitCodeOf(outcome.failures.map(({ code }) => code))
    case 'check': {
      const { failures, findings } = outcome.result
      const codes = failures.map(({ code }) => code)
      return exitCodeOf(findings.length > 0 ? [...codes, 'integrity'] : codes)
    }
    case 'archives':
      await printLines(outcome.rows, output, (row) =>
        json ? jsonLine(archivedRecord(row)) : archivedLine(row, output.terminal),
      )
      break
    case 'status':
      await printStatus(outcome, output, { json, quiet })
      return exitCodeOf(outcome.failures.map(({ code }) => code))
    case 'runs':
      await printLines(outcome.runs, output, (run) =>
        json ? jsonLine(runRecord(run)) : runLines(run),
      )
      break
    case 'run-log':
      await printRunLog(outcome, output, { json, verbose })
      break
    case 'restore':
    case 'run':
      return exitCodeOf(outcome.result.failures.map(({ code }) => code))
  }
  return 0
}

/** For people with an empty line between one and the next. */
async function printObjects(
  objects: AsyncIterable<FoundObject>,
  output: Output,
  json: boolean,
): Promise<void> {
  let between = ''
  for await (const { address, info } of objects) {
    if (output.closed) return
    await output.text(
      json ? `${jsonLine(infoRecord(info, address))}\n` : between + objectLines(address, info),
    )
    between = '\n'
  }
}

/** As printObjects does. */
async function printSignatures(
  { signatures, chunks }: Outcome & { kind: 'signatures' },
  output: Output,
  json: boolean,
): Promise<void> {
  let between = ''
  for await (const found of signatures) {
    await output.text(json ? '' : between + signatureLines(found))
    between = '\n'
    for (const line of json ? signatureRecords(found, chunks) : chunks ? chunkLines(found) : []) {
      if (output.closed) return
      await output.text(`${line}\n`)
    }
  }
}

async function printLines<T>(
  items: AsyncIterable<T>,
  output: Output,
  line: (item: T) => string,
): Promise<void> {
  for await (const item of items) {
    if (output.closed) return
    await output.text(`${line(item)}\n`)
  }
}

/** Quiet, only what changed, and of several destinations which. */
async function printStatus(
  { rows, form, isOfSeveral }: Outcome & { kind: 'status' },
  output: Output,
  { json, quiet }: Pick<GlobalOptions, 'json' | 'quiet'>,
): Promise<void> {
  let between = ''
  for await (const row of rows) {
    if (output.closed) return
    if (json) {
      const record = statusRecord(row)
      await output.text(record ? `${jsonLine(record)}\n` : '')
    } else if (form !== 'people') await output.text(porcelainLine(row, form === 'nul'))
    else if (!quiet || row.type === 'change' || (row.type === 'begin' && isOfSeveral)) {
      await output.text(`${row.type === 'begin' ? between : ''}${statusLine(row)}\n`)
      between = '\n'
    }
  }
}

async function printRunLog(
  { run, log, lines }: Outcome & { kind: 'run-log' },
  output: Output,
  { json, verbose }: Pick<GlobalOptions, 'json' | 'verbose'>,
): Promise<void> {
  await output.text(json ? `${jsonLine(runRecord(run))}\n` : runHead(run, log, lines !== undefined))
  let between = json ? '' : '\n'
  for await (const line of lines ?? []) {
    const shown = json ? logRecord(line) : logLine(line, verbose > 0)
    if (shown === undefined) continue
    if (output.closed) return
    await output.text(`${between}${shown}\n`)
    between = ''
  }
}

async function printBytes(bytes: AsyncIterable<Uint8Array>, output: Output): Promise<void> {
  for await (const chunk of bytes) {
    await output.bytes(chunk)
    if (output.closed) return
  }
}

export interface EntryStyle {
  readonly long: boolean
  readonly human: boolean
}

/** `   1234  2026-11-21 04:09:37  name`; with `long`, storage class and ETag before the name. */
export function entryLine(
  entry: Entry & { readonly name: string },
  { long, human }: EntryStyle,
  terminal: boolean,
): string {
  const name = terminal ? escapeControls(entry.name) : entry.name
  const directory = entry.kind === 'directory'
  const size = directory ? '-' : human ? formatBytes(entry.size) : String(entry.size)
  // A group of keys has no time of its own.
  const time = directory && entry.modified === 0n ? '-' : formatLocalTime(entry.modified)
  const columns = [size.padStart(human ? 9 : 13), time.padEnd(19)]
  if (long) columns.push((entry.storageClass ?? '-').padEnd(8), (entry.etag ?? '-').padEnd(34))
  return [...columns, name].join('  ')
}

function bucketLine({ name, created }: BucketEntry): string {
  const time = created ? formatLocalTime(BigInt(created.getTime()) * 1_000_000n) : '-'
  return `${time.padEnd(19)}  ${escapeControls(name)}`
}

function bucketRecord({ name, created }: BucketEntry) {
  return { type: 'bucket', name, created: created?.toISOString() }
}

function nameOrNumber(name: string | undefined, id: number | undefined): string | undefined {
  return name !== undefined && id !== undefined ? `${name} (${id})` : (name ?? id?.toString())
}

/** The facts of an object, one a line, aligned. */
export function objectLines(address: string, info: ObjectInfo): string {
  const { attributes, properties = {} } = info
  const facts: Fact[] = [
    ['address', address],
    ['kind', info.kind === 'file' ? undefined : info.kind],
    ['size', sizeFact(info.size)],
    ['original size', attributes.uncompressed && sizeFact(attributes.uncompressed.size)],
    ['modified', isoTime(info.modified)],
    ['source time', attributes.mtime === undefined ? undefined : isoTime(attributes.mtime)],
    ['mode', attributes.mode?.toString(8)],
    ['owner', nameOrNumber(attributes.owner, attributes.uid)],
    ['group', nameOrNumber(attributes.group, attributes.gid)],
    ['etag', info.etag],
    ['md5', md5FromEtag(info.etag ?? '') === undefined ? info.md5 : undefined],
    ['crc64nvme', info.crc64nvme?.toString(16).padStart(16, '0')],
    ['version', info.version],
    ['class', info.storageClass],
    ['type', info.contentType],
    ['cache control', properties.cacheControl],
    ['encoding', properties.contentEncoding],
    ['disposition', properties.contentDisposition],
    ['language', properties.contentLanguage],
    ['expires', properties.expires],
    ['encryption', properties.encryption?.algorithm],
    ['encryption key', properties.encryption?.keyId],
    ...Object.entries(info.metadata).map(([name, value]) => [`metadata ${name}`, value] as const),
  ]
  return factLines(facts)
}
