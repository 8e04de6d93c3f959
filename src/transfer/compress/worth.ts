// Whether a file is worth compressing: what is tiny, or compressed already, goes as it is.
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { contentTypeByName } from '../content-type.ts'
import type { CopyWork } from '../../core/work.ts'

/** Bytes: below, requests cost more than bytes do. */
export const smallestCompressed = 1024
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const compressFast = promisify(zstdCompress)

/** Media types of bytes that are compressed already. */
const compressedTypes =
  /^(?:audio\/(?!midi|basic|wav|x-wav|aiff)|video\/|font\/woff|image\/(?!svg|bmp|tiff|x-|vnd)|application\/(?:zip|gzip|zstd|x-(?:7z|bzip|xz|rar|lzma|lzip|gzip|compress)|java-archive|epub|vnd\.(?:openxmlformats|oasis|rar|android)))/

/** Whether size and name are not against it. */
export async function mayShrink({ from, to, contentType }: CopyWork): Promise<boolean> {
  if (from.kind !== 'file' || from.size < smallestCompressed) return false
  const type = contentType ?? (await contentTypeByName(to.key))
  return type === undefined || !compressedTypes.test(type)
}

/** Whether so much less is left that it is worth decompressing: a tenth. */
export function isShrunk(from: number, to: number): boolean {
  return to <= 0.9 * from
}

const sampleSize = 64 * 1024
const samples = 8

/** Where a few pieces of it lie that stand for the whole: its beginning, its end, and between. */
export function samplesOf(size: number): { readonly start: number; readonly size: number }[] {
  if (size <= samples * sampleSize) return [{ start: 0, size }]
  const step = Math.floor((size - sampleSize) / (samples - 1))
  return Array.from({ length: samples }, (_, i) => ({ start: i * step, size: sampleSize }))
}

/** Whether the samples, end to end, get smaller. */
export async function shrink(sampled: Uint8Array): Promise<boolean> {
  const { length } = await compressFast(sampled, fastest)
  return isShrunk(sampled.length, length)
}
