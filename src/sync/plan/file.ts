// A plan as a file: it is there whole, or not at all, and nothing of it is believed before its last line proves it whole.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { whyNoFile } from '../../core/file-reasons.ts'
import { writeReport } from '../../cost/report-file.ts'
import { readHeader, type ReadHeader, readLine, refused } from './read.ts'
import type { PlanHeader, PlannedAction } from './types.ts'
import { endLine, headerLine } from './write.ts'

/** Bytes that are written and read at once. */
const chunkSize = 256 * 1024
/** Bytes: the options of a run may be many, and yet no line is so long. */
const longestLine = 16 * 1024 * 1024

/**
 * What was in the file stays until the plan is on the disk.
 * @param lines of the actions, as many as the header says
 * @throws HawserError local-io, no-space
 */
export async function writePlan(
  file: string,
  header: PlanHeader,
  lines: AsyncIterable<string>,
): Promise<void> {
  await writeReport(file, planText(header, lines), 'plan')
}

/** The whole plan, in pieces. */
export async function* planText(
  header: PlanHeader,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let text = `${headerLine(header)}\n`
  let actions = 0
  for await (const line of lines) {
    text += `${line}\n`
    actions++
    if (text.length < chunkSize) continue
    hash.update(text)
    yield text
    text = ''
  }
  hash.update(text)
  yield `${text}${endLine({ actions, sha256: hash.digest('hex') })}\n`
}

export class PlanFile implements AsyncDisposable {
  readonly header: ReadHeader
  readonly #file: string
  readonly #handle: FileHandle
  readonly #sha256: string

  private constructor(file: string, handle: FileHandle, { header, sha256 }: Verified) {
    this.#file = file
    this.#handle = handle
    this.#sha256 = sha256
    this.header = header
  }

  /**
   * Reads all of it once, before anything is done.
   * @throws HawserError invalid-config for what is no whole plan; unsupported for one of another version; local-io
   */
  static async open(file: string, signal?: AbortSignal): Promise<PlanFile> {
    const handle = await openFile(file)
    try {
      return new PlanFile(file, handle, await verified(file, handle, signal))
    } catch (error) {
      await handle.close()
      throw isHawserError(error) ? error : unreadable(file, error)
    }
  }

  /** @throws HawserError invalid-config at the end, where the file was changed since it was opened */
  async *actions(): AsyncGenerator<PlannedAction> {
    const hash = createHash('sha256')
    for await (const { text, number } of linesOf(this.#file, this.#handle)) {
      const line = number === 1 ? undefined : readLine(text, this.#file, number)
      if (line?.do === 'end') {
        if (line.end.sha256 === this.#sha256 && hash.digest('hex') === this.#sha256) return
        break
      }
      hash.update(`${text}\n`)
      if (line) yield line
    }
    throw refused(this.#file, 'it was changed while it was applied')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

/** A pipe cannot be read twice. */
async function openFile(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    if ((await handle.stat()).isFile()) return handle
  } catch (error) {
    throw unreadable(file, error)
  }
  await handle.close()
  throw refused(file, 'it is not a file')
}

function unreadable(file: string, cause: unknown): HawserError {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
  const why = isMissing ? 'there is no such file' : whyNoFile(cause)
  return new HawserError('local-io', `the plan cannot be read: ${why}`, {
    op: 'apply',
    location: { scheme: 'file', endpoint: undefined, root: file },
    cause,
  })
}

interface Verified {
  readonly header: ReadHeader
  readonly sha256: string
}

async function verified(
  file: string,
  handle: FileHandle,
  signal: AbortSignal | undefined,
): Promise<Verified> {
  const hash = createHash('sha256')
  let header: ReadHeader | undefined
  let sha256: string | undefined
  let actions = 0
  for await (const { text, number } of linesOf(file, handle)) {
    signal?.throwIfAborted()
    if (sha256 !== undefined) throw refused(file, 'something follows its last line')
    if (!header) header = readHeader(text, file)
    else {
      const line = readLine(text, file, number)
      if (line.do === 'end') {
        const { end } = line
        if (end.actions !== actions || header.actions !== actions)
          throw refused(file, `it has ${actions} actions, and not as many as it says`)
        if (end.sha256 !== hash.digest('hex')) throw refused(file, 'its digest is another one')
        sha256 = end.sha256
      } else actions++
    }
    if (sha256 === undefined) hash.update(`${text}\n`)
  }
  if (!header || sha256 === undefined) throw refused(file, 'its end is missing')
  return { header, sha256 }
}

interface Line {
  readonly text: string
  /** From 1 on. */
  readonly number: number
}

/** Each with the line break that ends it taken off; holds one of them. */
async function* linesOf(file: string, handle: FileHandle): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const buffer = Buffer.allocUnsafe(chunkSize)
  let pieces: Buffer[] = []
  let length = 0
  let number = 0
  let position = 0
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) break
    position += bytesRead
    let from = 0
    for (;;) {
      const at = buffer.subarray(0, bytesRead).indexOf(0x0a, from)
      const piece = buffer.subarray(from, at < 0 ? bytesRead : at)
      length += piece.length
      if (length > longestLine) throw refused(file, `line ${number + 1} is too long`)
      if (at < 0) {
        pieces.push(Buffer.from(piece))
        break
      }
      const whole = Buffer.concat([...pieces, piece])
      pieces = []
      length = 0
      number++
      yield { text: decoded(decoder, whole, file, number), number }
      from = at + 1
    }
  }
  if (length > 0) throw refused(file, 'its end is missing')
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Buffer,
  file: string,
  number: number,
): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw refused(file, `line ${number} is not UTF-8`)
  }
}
