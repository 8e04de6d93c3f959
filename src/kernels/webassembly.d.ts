// The part of WebAssembly that the kernels use. TypeScript has its types only in the browser's library,
// which would bring a thousand globals that Node does not have.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
    readonly [Symbol.toStringTag]: string
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number })
    readonly buffer: ArrayBuffer
  }
  class Global {
    readonly value: unknown
  }
  /** Nothing checks that a module exports what the caller says it does. */
  class Instance<Exports = Readonly<Record<string, unknown>>> {
    constructor(module: Module, imports: { env: { memory: Memory } })
    readonly exports: Exports
  }
}
