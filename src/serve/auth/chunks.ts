// Takes the framing of aws-chunked off a body: `<size in hex>[;chunk-signature=<hex>]`, the bytes, and so on to a chunk
// of none, with headers (trailers) behind it. What is signed is verified as it passes.
//
// Rules: "Transferring Payload in Multiple Chunks" and "Signature calculations for trailing headers" in the Amazon S3 API
// Reference. Some clients end each trailer with `\n\r\n`; AWS takes that, and so does this.
import { S3Error } from '../errors.ts'
import { ChunkChain } from './chain.ts'
import { signatureText } from './claim.ts'
import { Input } from './input.ts'
import type { Payload } from './types.ts'

const maxChunkHeader = 256
const maxTrailers = 8 * 1024
const trailerSignature = 'x-amz-trailer-signature'

/**
 * The bytes of the chunks, as views of those of the source. The last ones of a signed chunk come only after its signature
 * was found true; those before them come as they arrive: whoever stores them must be able to take them back.
 * @param trailer Called once, at the end, with the trailers by lower-case name
 * @throws S3Error SignatureDoesNotMatch, IncompleteBody where the source ends early, InvalidRequest for another framing,
 *   MalformedTrailerError
 */
export async function* decodeChunks(
  source: AsyncIterable<Uint8Array>,
  payload: Extract<Payload, { kind: 'chunked' }>,
  trailer: (headers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new Input(source)
  const chain = payload.signing && new ChunkChain(payload.signing)
  try {
    for (;;) {
      const { size, signature } = readHeader(await input.line(maxChunkHeader), chain !== undefined)
      let left = size
      while (left > 0) {
        const bytes = input.take(left) ?? (await input.next(left))
        left -= bytes.length
        chain?.update(bytes)
        if (left === 0) chain?.verifyChunk(signature)
        yield bytes
      }
      if (size === 0) {
        chain?.verifyChunk(signature)
        break
      }
      if ((await input.line(2)) !== '') throw malformed('A chunk is longer than it says.')
    }
    const rest = await input.rest(maxTrailers)
    if (payload.trailer) trailer(readTrailers(rest, chain))
    else if (rest !== '' && rest !== '\r\n') throw malformed('Something follows the last chunk.')
    else trailer(new Map())
  } finally {
    await input.close()
  }
}

function malformed(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}

function malformedTrailers(message: string): S3Error {
  return new S3Error('MalformedTrailerError', { message })
}

const headerText = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/

function readHeader(line: string, signed: boolean): { size: number; signature: string } {
  const [, size, signature] = headerText.exec(line) ?? []
  if (size === undefined || (signature !== undefined) !== signed)
    throw malformed('The header of a chunk is not a valid one.')
  return { size: Number.parseInt(size, 16), signature: signature ?? '' }
}

const trailerText = /^([\w!#$%&'*+\-.^`|~]+):[ \t]*([^\0\r\n]*?)[ \t]*$/

function readTrailers(text: string, chain: ChunkChain | undefined): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  if (text !== '' && !text.endsWith('\r\n')) throw incomplete()
  let signed = ''
  let signature: string | undefined
  for (const line of linesOf(text)) {
    const [, name = '', value = ''] = trailerText.exec(line) ?? []
    const key = name.toLowerCase()
    if (key === '' || headers.has(key) || signature !== undefined)
      throw malformedTrailers('The trailing headers are not valid ones.')
    if (chain && key === trailerSignature) signature = value
    else {
      headers.set(key, value)
      signed += `${key}:${value}\n`
    }
  }
  if (chain) {
    if (signature === undefined || !signatureText.test(signature))
      throw malformedTrailers('The trailing headers are not signed.')
    chain.verifyTrailers(signed, signature)
  }
  return headers
}

/** One for each trailer: those between `\r\n` and `\r\n`, and between the `\n` inside of them. */
function linesOf(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split('\r\n'))
    if (line !== '') lines.push(...(line.endsWith('\n') ? line.slice(0, -1) : line).split('\n'))
  return lines
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody')
}
