// Kernels at work: a compiled module with a memory of its own, in which the caller's bytes lie behind the kernel's.

export interface Instance<Kernel> {
  /** Room for the caller's bytes, at address `front`. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly kernel: Kernel
}

const PAGE = 65_536
/** Bytes from elsewhere that are copied and read in one go. */
export const PIECE: number = 4 * PAGE

/** Bytes that a kernel may read behind the caller's: the rest of a SIMD word. */
const OVERREAD = 16

/** Of the instances that are here, by what lies in them. */
const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>()

/** Nothing checks that the module exports what `Kernel` says. */
export function instantiate<Kernel>(
  module: WebAssembly.Module,
  front: number,
  size: number,
): Instance<Kernel> {
  const pages = Math.ceil((front + size + OVERREAD) / PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  memories.set(memory.buffer, memory)
  const { exports: kernel } = new WebAssembly.Instance<Kernel>(module, { env: { memory } })
  return { bytes: new Uint8Array(memory.buffer, front, size), kernel }
}

/**
 * The memory of the instance in which these bytes lie, undefined when they lie in none: for a second kernel, one that
 * keeps nothing in memory.
 */
export function memoryOf(bytes: ArrayBufferLike): WebAssembly.Memory | undefined {
  return memories.get(bytes)
}
