// Buffers for the pieces of bodies, in memory that threads share. The garbage collector does not know how much memory
// that is, and the other thread's holds on to what it once saw: so they are given back, and used again.

export type SharedBuffer = Uint8Array<SharedArrayBuffer>

/** Each becomes one write. */
export const pieceSize: number = 512 * 1024

/** Kept for the next body, while there is none. */
const kept = 8
const idle: SharedBuffer[] = []
let used = 0

export function takeBuffer(): SharedBuffer {
  used++
  return idle.pop() ?? new Uint8Array(new SharedArrayBuffer(pieceSize))
}

/** By whoever took it, once, when nobody reads or writes it any more. */
export function giveBack(buffer: SharedBuffer): void {
  used--
  idle.push(buffer)
  if (used === 0) idle.splice(kept)
}

/** In buffers. */
const budget = 64

/** Whether a body may have more than the one that it needs: where there are many, each has one. */
export function isRoom(): boolean {
  return used < budget
}

/** Those that were taken and not given back. */
export function usedBuffers(): number {
  return used
}
