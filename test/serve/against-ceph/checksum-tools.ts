// The bytes whose checksums are taken, and where they are told.

export const hello: Uint8Array = new TextEncoder().encode('hello')

export function headerOf(algorithm: string): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}
