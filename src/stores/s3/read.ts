// Reading objects: as a stream, or straight into a buffer.
import { objectBody } from '../../core/body.ts'
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type {
  ObjectBody,
  ObjectInfo,
  Range,
  ReadIntoOptions,
  ReadOptions,
  ReadResult,
} from '../../core/store.ts'
import { Crc64Nvme } from '../../kernels/crc64nvme.ts'
import type { Call, Client } from './client.ts'
import { infoFromHeaders } from './info.ts'
import type { HttpResponse } from './message.ts'
import { withChecksum } from './head-object.ts'
import { statObject } from './objects.ts'
import { mismatch } from './upload.ts'

/** A whole object is checked against the CRC64NVME that the service keeps, when its last byte has come. */
export async function readObject(
  client: Client,
  key: Key,
  options: ReadOptions = {},
): Promise<ObjectBody> {
  const { range } = options
  if (range && range.end <= range.start)
    return emptyBody(await statObject(client, key, options, 'read'))
  const call = readCall(client, key, range, options)
  const response = await client.call(call)
  try {
    const extent = extentOf(client, call, response, range?.start)
    const info = infoFromHeaders(key, response.headers, extent.size)
    const stream = () => checked(client, call, response, info, extent)
    return objectBody(info, stream, () => response.discard())
  } catch (error) {
    await response.discard()
    throw error
  }
}

function readCall(
  client: Client,
  key: Key,
  range: Range | undefined,
  options: Pick<ReadOptions, 'ifMatch' | 'version' | 'signal' | 'meter'>,
): Call {
  return {
    op: 'read',
    kind: 'read',
    method: 'GET',
    key,
    query: { versionId: options.version },
    headers: {
      ...withChecksum,
      ...client.customerKey.object,
      'if-match': options.ifMatch,
      range: range && `bytes=${range.start}-${range.end - 1}`,
    },
    options,
  }
}

function emptyBody(info: ObjectInfo): ObjectBody {
  return {
    info,
    // oxlint-disable-next-line require-yield -- there is nothing to yield
    async *[Symbol.asyncIterator]() {},
  }
}

/** Which bytes an answer holds: `length` from `start` on, of `size`. */
interface Extent {
  readonly start: number
  readonly length: number
  readonly size: number
}

function extentOf(
  client: Client,
  call: Call,
  response: HttpResponse,
  start: number | undefined,
): Extent {
  if (response.status !== 206) {
    if (start !== undefined) throw client.malformed('the range was ignored', call)
    const length = response.headers.get('content-length')
    if (length === undefined) throw client.malformed('no length', call)
    return { start: 0, length: Number(length), size: Number(length) }
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  const [first = -1, end = -1, size = -1] = match?.slice(1).map(Number) ?? []
  if (first !== start || end < first || size <= end) throw client.malformed('another range', call)
  return { start, length: end - first + 1, size }
}

async function* checked(
  client: Client,
  call: Call,
  response: HttpResponse,
  info: ObjectInfo,
  extent: Extent,
): AsyncGenerator<Uint8Array, void, undefined> {
  const expected = extent.length === info.size ? info.crc64nvme : undefined
  const crc = expected === undefined ? undefined : new Crc64Nvme()
  let length = 0
  try {
    for await (const chunk of response.body) {
      length += chunk.length
      call.options?.meter?.received(chunk.length)
      crc?.update(chunk)
      yield chunk
      client.throwIfAborted(call)
    }
  } catch (error) {
    throw client.placed(error, call)
  }
  if (length !== extent.length)
    throw client.malformed(`${length} bytes instead of ${extent.length}`, call)
  if (crc && crc.digest() !== expected) throw mismatch(client, call, 'arrived')
}

/** @throws precondition-failed, not-found; never `range`: a position beyond the end reads nothing */
export async function readObjectInto(
  client: Client,
  key: Key,
  target: Uint8Array,
  position: number,
  options: ReadIntoOptions = {},
): Promise<ReadResult> {
  const nothing = async (): Promise<ReadResult> => ({
    info: await statObject(client, key, options, 'read'),
    length: 0,
  })
  if (target.length === 0) return nothing()
  // Only an answer of the whole object comes with its checksum.
  const whole =
    position === 0 &&
    options.ifMatch !== undefined &&
    options.size !== undefined &&
    options.size <= target.length
  const range = whole ? undefined : { start: position, end: position + target.length }
  const call: Call = { ...readCall(client, key, range, options), into: target }
  let response: HttpResponse
  try {
    response = await client.call(call)
  } catch (error) {
    if (isHawserError(error) && error.code === 'range') return nothing()
    throw error
  }
  await response.discard()
  // A service that ignores the range of a whole object has said what was asked all the same.
  const extent = extentOf(client, call, response, response.status === 206 ? position : undefined)
  if (extent.start !== position) throw client.malformed('the range was ignored', call)
  const length = Math.min(target.length, extent.size - position)
  if (response.received !== length)
    throw client.malformed(`${response.received} bytes instead of ${length}`, call)
  return { info: infoFromHeaders(key, response.headers, extent.size), length }
}
