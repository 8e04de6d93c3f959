// The average sizes of chunks that cuts can be made for: the powers of two from the smallest to the largest, in bytes.
export const smallestAverage: number = 2 ** 16
export const largestAverage: number = 2 ** 26

export function isAverage(size: number): boolean {
  return size >= smallestAverage && size <= largestAverage && Number.isInteger(Math.log2(size))
}
