// Digests as text and back. CRC64NVME values are unsigned 64-bit bigints in memory, base64 of 8 big-endian bytes on the wire.

/** The checksums that S3 knows. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'

/** S3: `x-amz-checksum-crc64nvme` is the base64 of the big-endian value. */
export function crc64ToBase64(value: bigint): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value))
  return bytes.toString('base64')
}

/** The value, or undefined where the text is not the base64 of 8 bytes. */
export function crc64FromBase64(text: string): bigint | undefined {
  if (!/^[A-Za-z0-9+/]{11}=$/.test(text)) return undefined
  return Buffer.from(text, 'base64').readBigUInt64BE()
}

/** 16 hexadecimal digits, for people. */
export function crc64ToHex(value: bigint): string {
  return value.toString(16).padStart(16, '0')
}

/** The MD5 inside an ETag of a single-part object, or undefined where the tag is something else; see isSameEtag for its quotes. */
export function md5FromEtag(etag: string): string | undefined {
  const match = /^"{0,2}([0-9a-f]{32})"{0,2}$/.exec(etag)
  return match?.[1]
}
