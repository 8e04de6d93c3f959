// Kernels at work: a compiled module with a memory of its own, in which the caller's bytes lie behind the kernel's.

export interface Instance<Kernel> {
  /** Room for the caller's bytes, at address `front`. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly kernel: Kernel
}

const PAGE = 65_536
/** Bytes from elsewhere that are copied and read in one go. */
export const PIECE: number = 4 * PAGE

/** Nothing checks that the module exports what `Kernel` says. */
export function instantiate<Kernel>(
  module: WebAssembly.Module,
  front: number,
  size: number,
): Instance<Kernel> {
  const pages = Math.ceil((front + size) / PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports: kernel } = new WebAssembly.Instance<Kernel>(module, { env: { memory } })
  return { bytes: new Uint8Array(memory.buffer, front, size), kernel }
}
