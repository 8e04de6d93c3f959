// BLAKE3-256, the digest of chunks: native code, loaded with the first digest.
import { createRequire } from 'node:module'
import { HawserError } from '../core/errors.ts'

type Native = typeof import('@napi-rs/blake-hash')

/** The BLAKE3-256 of bytes that come in pieces, again and again. */
export class Blake3 {
  readonly #hasher: InstanceType<Native['Blake3Hasher']>

  /** @throws {HawserError} `unsupported` where there is no native code for the platform */
  constructor() {
    this.#hasher = new (native().Blake3Hasher)()
  }

  /** Appends `chunk`, which may be reused afterwards. */
  update(chunk: Uint8Array): this {
    this.#hasher.update(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    return this
  }

  /** Of the bytes since the last digest: 32 bytes. */
  digest(): Uint8Array {
    const digest = this.#hasher.digestBuffer()
    this.#hasher.reset()
    return digest
  }
}

let loaded: Native | undefined

function native(): Native {
  return (loaded ??= load(createRequire(import.meta.url)))
}

/** @throws {HawserError} `unsupported` when it cannot be loaded */
export function load(require: (name: string) => unknown): Native {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- require knows no types
    return require('@napi-rs/blake-hash') as Native
  } catch (cause) {
    throw new HawserError(
      'unsupported',
      `there is no BLAKE3 for ${process.platform}-${process.arch}`,
      {
        op: 'digest',
        hint: 'Install again without --omit=optional, or use --no-delta.',
        cause,
      },
    )
  }
}
