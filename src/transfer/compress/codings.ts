// The codings that objects are compressed with, by their names in Content-Encoding.
import { pipeline, Readable, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import {
  constants,
  createGunzip,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
  gzip,
  zstdCompress,
} from 'node:zlib'

export const codings = ['zstd', 'gzip'] as const
export type Coding = (typeof codings)[number]

const gzipLevel = 6
const zstdLevel = 3
/** RFC 9659: what a browser takes, and so the most memory that somebody else's object may ask for. */
const largestWindow = 23
const chunkSize = 128 * 1024
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } }
const wholeZstd = promisify(zstdCompress)
const wholeGzip = promisify(gzip)

export async function compress(coding: Coding, bytes: Uint8Array): Promise<Uint8Array> {
  return coding === 'zstd'
    ? wholeZstd(bytes, { ...zstdOptions, chunkSize })
    : wholeGzip(bytes, { level: gzipLevel, chunkSize })
}

/** @param size of what is compressed, which the result then tells */
export function compressed(
  coding: Coding,
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  const transform =
    coding === 'zstd'
      ? createZstdCompress({ ...zstdOptions, chunkSize, pledgedSrcSize: size })
      : createGzip({ level: gzipLevel, chunkSize })
  return through(bytes, transform)
}

export function decompressed(
  coding: Coding,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_d_windowLogMax]: largestWindow }
  const transform =
    coding === 'zstd' ? createZstdDecompress({ chunkSize, params }) : createGunzip({ chunkSize })
  return through(bytes, transform)
}

/** Fails as the input or the transform does. Leaving it early closes the input. */
async function* through(
  input: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Uint8Array> {
  pipeline(Readable.from(input), transform, () => {})
  const output: AsyncIterable<Uint8Array> = transform
  yield* output
}
