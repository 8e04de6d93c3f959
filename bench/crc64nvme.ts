// CRC64NVME: bytes a second, best of many short runs. Run it with `node bench/crc64nvme.ts`.
import { cpus } from 'node:os'
import { Crc64Nvme, combineCrc64Nvme, crc64nvme, kernelBuffer } from '../src/kernels/crc64nvme.ts'

const SIZE = 8 * 1024 * 1024
const buffer = kernelBuffer(SIZE)
for (let at = 0; at < SIZE; at++) buffer.bytes[at] = Math.imul(at ^ (at >>> 7), 0x9e3779b1) >>> 24
const elsewhere = Uint8Array.from(buffer.bytes)
const small = elsewhere.subarray(0, 4096)

/** Nanoseconds a call, from the best of 40 runs of about 10 ms. */
function nanoseconds(call: () => unknown): number {
  let calls = 1
  let best = Infinity
  for (let run = 0; run < 40; run++) {
    const start = process.hrtime.bigint()
    for (let done = 0; done < calls; done++) call()
    const each = Number(process.hrtime.bigint() - start) / calls
    best = Math.min(best, each)
    calls = Math.ceil(1e7 / best)
  }
  return best
}

function streamed(piece: number): bigint {
  const crc = new Crc64Nvme()
  for (let at = 0; at < SIZE; at += piece) crc.update(elsewhere.subarray(at, at + piece))
  return crc.digest()
}

function report(what: string, call: () => unknown, bytes?: number): void {
  const each = nanoseconds(call)
  const rate = bytes === undefined ? '' : `${(bytes / each).toFixed(2).padStart(7)} GB/s`
  process.stdout.write(`${what.padEnd(34)}${(each / 1000).toFixed(2).padStart(9)} µs${rate}\n`)
}

process.stdout.write(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}\n`)
report('8 MiB in place', () => buffer.crc64nvme(0, SIZE), SIZE)
report('64 KiB in place', () => buffer.crc64nvme(0, 65_536), 65_536)
report('15 KiB in place (tables only)', () => buffer.crc64nvme(0, 15_360), 15_360)
report('4 KiB in place', () => buffer.crc64nvme(0, 4096), 4096)
report('4 KiB from elsewhere', () => crc64nvme(small), 4096)
report('8 MiB streamed, 64 KiB chunks', () => streamed(65_536), SIZE)
report('8 MiB streamed, 16 KiB chunks', () => streamed(16_384), SIZE)
report('8 MiB in one update', () => streamed(SIZE), SIZE)
report('combine, second part of 8 MiB', () => combineCrc64Nvme(1n, 2n, SIZE))
report('combine, second part of 5 TB', () => combineCrc64Nvme(1n, 2n, 4_999_999_999_999))
