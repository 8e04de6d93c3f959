// A thread that scans segments of files, one after the other, reading each straight into the kernels' memory.
import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { SegmentScanner, type Run, type Segment } from '../../delta/segments.ts'
import { kernelBuffer } from '../../kernels/crc64nvme.ts'

export interface ScanTask {
  /** Of a file that stays open until the reply. */
  readonly fd: number
  readonly size: number
  /** Of the sizes of chunks. */
  readonly average: number
  readonly segment: Segment
}

/** To every task, or that the file ended within it. What fails otherwise ends the thread. */
export type ScanReply = Run | 'truncated'
/** Told before the first task is given. */
export type Ready = 'ready'

/** Bytes of one read. */
const readSize = 2 ** 20

const port = parentPort
if (port === null) throw new Error('a file is scanned in a thread of its own')
const { bytes } = kernelBuffer(readSize)

port.on('message', (task: ScanTask) => tell(scan(task, bytes)))
tell('ready')

function tell(message: Ready | ScanReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  port?.postMessage(message)
}

function scan({ fd, size, average, segment }: ScanTask, room: Uint8Array): ScanReply {
  const scanner = new SegmentScanner(average, segment, size)
  for (;;) {
    const { start, end } = scanner.wanted
    if (start === end) return scanner.run()
    const read = readSync(fd, room, 0, Math.min(room.length, end - start), start)
    if (read === 0) return 'truncated'
    scanner.update(room.subarray(0, read))
  }
}
