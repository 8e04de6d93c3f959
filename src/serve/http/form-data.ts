// Reads a form as browsers send it (multipart/form-data, RFC 7578), piece by piece: its fields whole, the file as it comes.
import { S3Error } from '../errors.ts'

export interface FormPart {
  readonly name: string
  /** As the browser gives it, which may be a path. */
  readonly filename: string | undefined
}

/** @throws S3Error MalformedPOSTRequest */
export function boundaryOf(contentType: string | undefined): string {
  const match =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))/i.exec(
      contentType ?? '',
    )
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) throw new S3Error('MalformedPOSTRequest')
  return boundary
}

export class FormReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #delimiter: Buffer
  /** What has come and was not taken. The line break makes the first delimiter one like the others. */
  #held: Buffer = Buffer.from('\r\n')
  #budget: number
  #first = true

  /** @param budget Bytes that the form may have beside the file */
  constructor(source: AsyncIterator<Uint8Array>, boundary: string, budget: number) {
    this.#source = source
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
    this.#budget = budget
  }

  /**
   * The next part, whose content is to be taken before the one after it; undefined behind the last.
   * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceededError
   */
  async next(): Promise<FormPart | undefined> {
    if (this.#first) {
      this.#first = false
      await this.#until(this.#delimiter)
    }
    const line = await this.#until(lineEnd)
    if (line.startsWith('--')) return undefined
    if (line.trim() !== '') throw new S3Error('MalformedPOSTRequest')
    let disposition: string | undefined
    for (;;) {
      const header = await this.#until(lineEnd)
      if (header === '') break
      const match = /^content-disposition\s*:(.*)$/i.exec(header)
      if (match) disposition = match[1]
    }
    const name = parameter(disposition, 'name')
    if (name === undefined) throw new S3Error('MalformedPOSTRequest')
    return { name, filename: parameter(disposition, 'filename') }
  }

  /** The part's content as text. @throws S3Error MaxPostPreDataLengthExceededError, MalformedPOSTRequest */
  async text(): Promise<string> {
    const latin1 = await this.#until(this.#delimiter)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'))
    } catch (cause) {
      throw new S3Error('MalformedPOSTRequest', { cause })
    }
  }

  /** The part's content, however long. @throws S3Error MalformedPOSTRequest where the form ends within it */
  async *bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const end = this.#held.indexOf(this.#delimiter)
      if (end !== -1) {
        const last = this.#held.subarray(0, end)
        this.#held = this.#held.subarray(end + this.#delimiter.length)
        if (last.length > 0) yield last
        return
      }
      // The delimiter may have begun.
      const sure = this.#held.length - this.#delimiter.length + 1
      if (sure > 0) {
        const piece = this.#held.subarray(0, sure)
        this.#held = this.#held.subarray(sure)
        yield piece
      }
      await this.#pull()
    }
  }

  /** What comes before the mark, which is taken with it. */
  async #until(mark: Buffer): Promise<string> {
    let searched = 0
    for (;;) {
      const end = this.#held.indexOf(mark, searched)
      if (end !== -1) {
        this.#budget -= end + mark.length
        if (this.#budget < 0) throw tooLong()
        const text = this.#held.toString('latin1', 0, end)
        this.#held = this.#held.subarray(end + mark.length)
        return text
      }
      if (this.#held.length > this.#budget) throw tooLong()
      searched = Math.max(0, this.#held.length - mark.length + 1)
      await this.#pull()
    }
  }

  async #pull(): Promise<void> {
    const step = await this.#source.next()
    if (step.done === true) throw new S3Error('MalformedPOSTRequest')
    this.#held =
      this.#held.length === 0 ? Buffer.from(step.value) : Buffer.concat([this.#held, step.value])
  }
}

const lineEnd: Buffer = Buffer.from('\r\n')

function parameter(disposition: string | undefined, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:\\\\"|[^"])*)"|([^\\s";]+))`, 'i').exec(
    disposition ?? '',
  )
  const value = match?.[1] ?? match?.[2]
  if (value === undefined) return undefined
  // Quotes and line ends are escaped as HTML says, or as older clients do.
  const text = value
    .replaceAll('\\"', '"')
    .replaceAll(/%22|%0D|%0A/gi, (escape) => decodeURIComponent(escape))
  return Buffer.from(text, 'latin1').toString()
}

function tooLong(): S3Error {
  return new S3Error('MaxPostPreDataLengthExceededError')
}
