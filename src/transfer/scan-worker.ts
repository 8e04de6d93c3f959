// A thread that scans segments of a file, one after the other, reading each straight into the kernels' memory.
import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { scanStep } from '../delta/scanner.ts'
import { SegmentScanner, type Run, type Segment } from '../delta/segments.ts'
import { kernelBuffer } from '../kernels/crc64nvme.ts'

export interface ScanAssignment {
  readonly fd: number
  readonly size: number
  /** Of the sizes of chunks. */
  readonly average: number
}

/** To every segment; undefined when the file ended within it. What fails otherwise ends the thread. */
export type ScanReply = Run | undefined

const port = parentPort
if (port === null) throw new Error('a file is scanned in a thread of its own')
const assignment: ScanAssignment = workerData
const { bytes } = kernelBuffer(scanStep)

port.on('message', (segment: Segment) => {
  const reply: ScanReply = scan(assignment, segment, bytes)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  port.postMessage(reply)
})

function scan(file: ScanAssignment, segment: Segment, room: Uint8Array): Run | undefined {
  const scanner = new SegmentScanner(file.average, segment, file.size)
  for (;;) {
    const { start, end } = scanner.wanted
    if (start === end) return scanner.run()
    const read = readSync(file.fd, room, 0, Math.min(room.length, end - start), start)
    if (read === 0) return undefined
    scanner.update(room.subarray(0, read))
  }
}
