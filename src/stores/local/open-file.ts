// A file that is open for writing. A small piece is written, and the file closed, at once: that only touches memory, and
// asking a thread for it costs ten times as much as doing it. What may wait for a disk, a thread does.
import {
  closeSync,
  fdatasync as fdatasyncCallback,
  fsync as fsyncCallback,
  ftruncate as ftruncateCallback,
  open as openCallback,
  read as readCallback,
  write as writeCallback,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'

const fdatasync = promisify(fdatasyncCallback)
const fsync = promisify(fsyncCallback)
const ftruncate = promisify(ftruncateCallback)
const openFile = promisify(openCallback)
const read = promisify(readCallback)
const write = promisify(writeCallback)

/** In bytes: it fits into what the system has free for it. */
const smallPiece = 64 * 1024

export class OpenFile implements Disposable {
  readonly fd: number

  private constructor(fd: number) {
    this.fd = fd
  }

  static async open(path: string, flags: number, mode?: number): Promise<OpenFile> {
    return new OpenFile(await openFile(path, flags, mode))
  }

  /** All of the bytes. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const left = bytes.length - done
      if (left <= smallPiece) done += writeSync(this.fd, bytes, done, left, position + done)
      else done += (await write(this.fd, bytes, done, left, position + done)).bytesWritten
    }
  }

  /** How many bytes there were. */
  async read(target: Uint8Array, position: number): Promise<number> {
    return (await read(this.fd, target, 0, target.length, position)).bytesRead
  }

  async sync(): Promise<void> {
    await fsync(this.fd)
  }

  async datasync(): Promise<void> {
    await fdatasync(this.fd)
  }

  async truncate(size: number): Promise<void> {
    await ftruncate(this.fd, size)
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}
