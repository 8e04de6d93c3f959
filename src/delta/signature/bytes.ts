// Reading and writing numbers, little-endian, and texts.

/** Bytes that grow as they are written. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  number(value: number, bytes: 1 | 2 | 4): this {
    this.#claim(bytes).writeUIntLE(value, 0, bytes)
    return this
  }

  unsigned64(value: bigint): this {
    this.#claim(8).writeBigUInt64LE(value)
    return this
  }

  /** Seven bits a byte, the lowest first; the highest bit says that more follow. */
  varint(value: number): this {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.number((rest % 128) + 128, 1)
    return this.number(rest, 1)
  }

  bytes(value: Uint8Array): this {
    this.#claim(value.length).set(value)
    return this
  }

  taken(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #claim(count: number): Buffer {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, at))
      this.#bytes = larger
    }
    return this.#bytes.subarray(at, this.#length)
  }
}

/** The bytes end before what they announce. */
export class EndOfBytes extends Error {}

export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** @throws EndOfBytes; so do all of them */
  number(bytes: 1 | 2 | 4): number {
    return this.#bytes.readUIntLE(this.#take(bytes), bytes)
  }

  unsigned64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8))
  }

  /** Up to 2^53; in more bytes than it takes it is no number, but NaN. */
  varint(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.number(1)
      value += (byte % 128) * factor
      if (byte < 128) return byte === 0 && factor > 1 ? NaN : value
    }
    return NaN
  }

  /** A view. */
  bytes(count: number): Buffer {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  #take(count: number): number {
    const at = this.#at
    if (count > this.left) throw new EndOfBytes()
    this.#at += count
    return at
  }
}
