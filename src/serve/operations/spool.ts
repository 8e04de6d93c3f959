// Bytes that come without their number, kept until it is known: a few in memory, more in a file that has no name.
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const inMemory = 1024 * 1024

export class Spool implements AsyncDisposable {
  size: number = 0
  #pieces: Uint8Array[] = []
  #file: FileHandle | undefined

  async add(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece)
    this.size += piece.length
    if (!this.#file && this.size <= inMemory) return
    this.#file ??= await unnamedFile()
    for (const held of this.#pieces.splice(0)) await this.#file.appendFile(held)
  }

  /** What was added, from its beginning; once. */
  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#file) yield* this.#file.createReadStream({ start: 0, autoClose: false })
    else yield* this.#pieces
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pieces = []
    await this.#file?.close()
  }
}

async function unnamedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `hawser-spool-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}
