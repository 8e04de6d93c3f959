// Everything that is computed of a body, at once. Plain data comes out, for it may come from another thread.
import { hash } from 'node:crypto'
import { Crc64Nvme, crc64nvme } from '../../kernels/crc64nvme.ts'
import { Md5 } from '../../kernels/md5.ts'
import { checksumOf, createHasher, type Hasher } from '../../kernels/checksums.ts'
import type { ChecksumAlgorithm } from './types.ts'

export interface Computed {
  /** In hex. */
  readonly md5: string
  readonly crc64nvme: bigint
  /** Base64, of the algorithms that were asked for. */
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>
}

/** Of bytes that come in pieces: MD5 and CRC64NVME always, others where asked for. */
export class BodyHasher {
  readonly #md5: Md5 = new Md5()
  readonly #crc: Crc64Nvme = new Crc64Nvme()
  readonly #others: ReadonlyMap<ChecksumAlgorithm, Hasher>

  constructor(algorithms: Iterable<ChecksumAlgorithm>) {
    this.#others = new Map(Array.from(algorithms, (name) => [name, createHasher(name)]))
  }

  /** Appends to each its bytes. No body may be there twice; as many bytes of each are the fastest. */
  static updateAll(updates: readonly (readonly [body: BodyHasher, bytes: Uint8Array])[]): void {
    for (const [body, bytes] of updates) {
      body.#crc.update(bytes)
      for (const hasher of body.#others.values()) hasher.update(bytes)
    }
    Md5.updateAll(updates.map(([body, bytes]) => [body.#md5, bytes]))
  }

  digest(): Computed {
    const checksums = new Map<ChecksumAlgorithm, string>()
    for (const [name, hasher] of this.#others) {
      checksums.set(name, hasher.digest().toString('base64'))
    }
    return { md5: this.#md5.digest(), crc64nvme: this.#crc.digest(), checksums }
  }
}

/** The same of bytes that are all here. */
export function computeOnce(bytes: Uint8Array, algorithms: Iterable<ChecksumAlgorithm>): Computed {
  const checksums = new Map<ChecksumAlgorithm, string>()
  for (const name of algorithms) checksums.set(name, checksumOf(name, bytes))
  return { md5: hash('md5', bytes), crc64nvme: crc64nvme(bytes), checksums }
}
